using System.Net;
using System.Net.Sockets;

namespace DivCo.Cluster.Hosting;

/// <summary>Checks <c>--listen</c>: nothing that others can reach is served in plain unless it was asked for by name.</summary>
internal static class ListenAddress
{
    /// <returns>Null where it cannot be used; then <paramref name="errors"/> has the reason.</returns>
    public static IPAddress? Resolve(string typed, bool insecure, List<string> errors)
    {
        var fault = !IPAddress.TryParse(typed, out var address) ? "give an IP address of this machine, such as 127.0.0.1"
            : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "other servers are told this address; give the one at which they reach this machine"
            : !IPAddress.IsLoopback(address) && !insecure
                ? "others could reach it, and nothing is encrypted yet; listen on loopback, or add --insecure on a network that you trust"
            : !IsHere(address) ? "is not an address of this machine"
            : null;
        if (fault is not null)
        {
            errors.Add($"--listen {typed}: {fault}");
            return null;
        }

        return address;
    }

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
