using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DivCo.Cluster.Hosting.Settings;
using static DivCo.Cluster.Hosting.ServerSettings;

namespace DivCo.Cluster.Hosting;

/// <summary>The ports of a server, tried on the machine.</summary>
internal static class ServerPorts
{
    /// <summary>Those that a role has; the others are 0 and not listened on.</summary>
    public static IReadOnlyList<Setting> Of(ServerRole role) => role switch
    {
        ServerRole.Gateway => [ApiPort, AdminPort],
        ServerRole.Silo => [ExchangePort, AdminPort, SiloPort, GatewayPort],
        _ => [ApiPort, ExchangePort, AdminPort, SiloPort, GatewayPort],
    };

    /// <summary>All ports are held open at once while they are chosen, so that no two are the same.</summary>
    public static IReadOnlyDictionary<Setting, int> Choose(SettingValues values, ServerRole role, ListenAddresses addresses, List<string> errors)
    {
        var chosen = new Dictionary<Setting, int> { [ApiPort] = 0, [ExchangePort] = 0, [AdminPort] = 0, [SiloPort] = 0, [GatewayPort] = 0 };
        var listeners = new List<TcpListener>();
        foreach (var setting in Of(role))
        {
            var value = values[setting];
            if (!int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > ushort.MaxValue)
            {
                errors.Add($"{value.Named}: allowed are 0 to 65535");
                continue;
            }

            var listener = new TcpListener(setting == AdminPort ? addresses.AdminListen : addresses.Listen, port);
            try
            {
                listener.Start();
                listeners.Add(listener);
                chosen[setting] = ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e)
            {
                errors.Add($"{value.Named}: cannot be listened on ({e.SocketErrorCode}); stop what holds it, or choose another port (0: a free one)");
            }
        }

        listeners.ForEach(listener => listener.Dispose());
        return chosen;
    }
}
