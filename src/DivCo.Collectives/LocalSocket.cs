using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DivCo.Collectives;

/// <summary>
/// The Unix socket that stands beside a loopback address of the exchange, for processes of one host. Its name is abstract: it leaves no file
/// behind, and it is seen where the loopback address is, in the same network namespace, and nowhere else.
/// </summary>
public static partial class LocalSocket
{
    private const int SolSocket = 1, SoPeerCredentials = 17;

    /// <returns>Null where the address is not this host's alone, or is spoken to over TLS.</returns>
    public static UnixDomainSocketEndPoint? Beside(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return OperatingSystem.IsLinux() && address is { IsAbsoluteUri: true, IsLoopback: true } && address.Scheme == Uri.UriSchemeHttp
            ? new UnixDomainSocketEndPoint($"\0divco-exchange-{address.Authority}")
            : null;
    }

    /// <summary>Connects to it, if it is there and belongs to this process's own user: anyone may take an abstract name.</summary>
    /// <returns>Null: it is not to be used.</returns>
    internal static async Task<Stream?> ConnectAsync(EndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            if (UserBehind(socket) == EffectiveUser())
            {
                return new NetworkStream(socket, ownsSocket: true);
            }
        }
        catch (SocketException)
        {
            // No such socket: a server of before, or one in another place.
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        socket.Dispose();
        return null;
    }

    private static uint UserBehind(Socket socket)
    {
        Span<int> processUserGroup = stackalloc int[3];
        socket.GetRawSocketOption(SolSocket, SoPeerCredentials, MemoryMarshal.AsBytes(processUserGroup));
        return (uint)processUserGroup[1];
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
