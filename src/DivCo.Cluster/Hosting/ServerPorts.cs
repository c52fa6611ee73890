using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DivCo.Cluster.Hosting.Settings;
using static DivCo.Cluster.Hosting.ServerSettings;

namespace DivCo.Cluster.Hosting;

/// <summary>The ports of a server, tried on the machine.</summary>
internal static class ServerPorts
{
    private const int FirstChosen = 10_240;
    private const int FirstOutgoing = 32_768;
    private const int Attempts = 64;

    // Until the process ends, since only Orleans knows when it listens.
    private static readonly ConcurrentBag<Socket> _claims = [];

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

            var address = setting == AdminPort ? addresses.AdminListen : addresses.Listen;
            try
            {
                var listener = port == 0 ? Free(address) : Start(address, port);
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

    /// <summary>
    /// Below those that Linux gives to outgoing connections (from 32768 on): between the choice and the server's own listening, such a
    /// connection of any process could take one of them. Another server that chooses in that time is told by the claim.
    /// </summary>
    private static TcpListener Free(IPAddress address)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(FirstChosen, FirstOutgoing);
            try
            {
                _claims.Add(Claim(port));
                return Start(address, port);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Taken or reserved; there are many others.
            }
        }

        return Start(address, 0);
    }

    /// <summary>An abstract name, which one socket of the network namespace can have, like the port, and which goes with its process.</summary>
    private static Socket Claim(int port)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0divco/port/{port}"));
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    private static TcpListener Start(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }
}
