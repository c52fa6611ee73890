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
        if (listen is not null && !IPAddress.IsLoopback(listen) && !isSecure && !values.IsOn(Insecure))
        {
            errors.Add(
                $"{values[ServerSettings.Listen].Named}: others could reach it; give certificates (--tls) and, for the API, tokens (--tokens), or add --insecure on a network that you trust");
        }

        var advertise = values.Text(ServerSettings.Advertise) is null ? listen : Parse(values[ServerSettings.Advertise], errors);
        if (advertise is not null && IsAny(advertise))
        {
            errors.Add($"{values[ServerSettings.Listen].Named}: other servers are told this address; give the one at which they reach this machine by --advertise");
        }

        var admin = Parse(values[ServerSettings.AdminListen], errors);
        return new ListenAddresses(Here(values[ServerSettings.Listen], listen, errors), advertise ?? IPAddress.Loopback, Here(values[ServerSettings.AdminListen], admin, errors));
    }

    /// <summary>Loopback in place of one that is not here, so that ports are still tried.</summary>
    private static IPAddress Here(SettingValue value, IPAddress? address, List<string> errors)
    {
        if (address is not null && !IsHere(address))
        {
            errors.Add($"{value.Named}: is not an address of this machine");
            return IPAddress.Loopback;
        }

        return address ?? IPAddress.Loopback;
    }

    private static IPAddress? Parse(SettingValue value, List<string> errors)
    {
        if (IPAddress.TryParse(value.Text, out var address))
        {
            return address;
        }

        errors.Add($"{value.Named}: give an IP address of this machine, such as 127.0.0.1");
        return null;
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
