using System.Net;
using System.Net.Sockets;
using DivCo.Cluster.Hosting.Settings;
using static DivCo.Cluster.Hosting.ServerSettings;

namespace DivCo.Cluster.Hosting;

/// <summary>Where a server listens and is reached. Nothing that others can reach is served in plain, or without tokens, unless it was asked for by name.</summary>
internal sealed record ListenAddresses(IPAddress Listen, IPAddress Advertise, IPAddress AdminListen)
{
    /// <param name="isSecure">There are certificates, and tokens where the API is served.</param>
    public static ListenAddresses Resolve(SettingValues values, bool isSecure, List<string> errors)
    {
        var listen = Parse(values[ServerSettings.Listen], errors);
        if (!IPAddress.IsLoopback(listen) && !isSecure && !values.IsOn(Insecure))
        {
            errors.Add(
                $"{values[ServerSettings.Listen].Named}: others could reach it; give certificates (--tls) and, for the API, tokens (--tokens), or add --insecure on a network that you trust");
        }

        var advertise = values.Text(ServerSettings.Advertise) is null ? listen : Parse(values[ServerSettings.Advertise], errors);
        if (IsAny(advertise))
        {
            errors.Add($"{values[ServerSettings.Listen].Named}: other servers are told where this one is; give the address at which they reach it by --advertise");
        }

        return new ListenAddresses(listen, advertise, Parse(values[ServerSettings.AdminListen], errors));
    }

    private static IPAddress Parse(SettingValue value, List<string> errors)
    {
        var fault = !IPAddress.TryParse(value.Text, out var address) ? "give an IP address, such as 127.0.0.1"
            : value.Setting != ServerSettings.Advertise && !IsHere(address) ? "is not an address of this machine"
            : null;
        if (fault is not null)
        {
            errors.Add($"{value.Named}: {fault}");
            return IPAddress.Loopback;
        }

        return address!;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsHere(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
