using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;

namespace DivCo.Collectives.Links;

/// <summary>Opens connections to other processes, each of its own, over TLS where an address says https.</summary>
/// <param name="tls">Null: https addresses are refused.</param>
/// <param name="transport">The best that may be used.</param>
internal sealed class PeerDialer(ExchangeTls? tls, ExchangeTransport transport)
{
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(25);
    public static readonly TimeSpan LongestRetry = TimeSpan.FromMilliseconds(500);

    public GrpcChannel Open(Uri address, ExchangeTimeouts timeouts, int maxMessageBytes)
    {
        // Peers are named by address; a proxy of the environment is for the world outside.
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = timeouts.Peer };
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            handler.SslOptions = tls?.Client() ?? throw new InvalidOperationException($"{address} is reached over TLS, and this process has no certificate.");
        }

        if (transport != ExchangeTransport.Tcp && LocalSocket.Beside(address) is { } local)
        {
            handler.ConnectCallback = async (context, cancel) => await LocalSocket.ConnectAsync(local, cancel) ?? await ConnectTcpAsync(context.DnsEndPoint, cancel);
        }

        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            InitialReconnectBackoff = FirstRetry,
            MaxReconnectBackoff = LongestRetry,
            MaxReceiveMessageSize = maxMessageBytes,
            ThrowOperationCanceledOnCancellation = true,
        });
    }

    private static async Task<Stream> ConnectTcpAsync(DnsEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
