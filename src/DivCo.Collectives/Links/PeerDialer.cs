using Grpc.Net.Client;

namespace DivCo.Collectives.Links;

/// <summary>Opens connections to other processes, each of its own, over TLS where an address says https.</summary>
/// <param name="tls">Null: https addresses are refused.</param>
internal sealed class PeerDialer(ExchangeTls? tls)
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
}
