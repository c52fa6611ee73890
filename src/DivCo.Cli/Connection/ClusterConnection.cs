using DivCo.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace DivCo.Cli.Connection;

/// <summary>A connection to one server of a cluster; any server answers for all of it.</summary>
internal sealed class ClusterConnection : IDisposable
{
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel _channel;

    public ClusterConnection(Uri address, Credentials credentials)
    {
        Address = address;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // A server that is frozen, or a host that vanished, breaks a watch within 10 s instead of never.
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
        };
        handler.SslOptions = credentials.Tls() ?? handler.SslOptions;
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 64 * 1024 * 1024,
        });
        var calls = credentials.Authorize(_channel.CreateCallInvoker());
        Sweeps = new(calls);
        Checkpoints = new(calls);
        Cluster = new(calls);
    }

    public Uri Address { get; }

    public SweepService.SweepServiceClient Sweeps { get; }

    public CheckpointService.CheckpointServiceClient Checkpoints { get; }

    public ClusterService.ClusterServiceClient Cluster { get; }

    /// <summary>Options of a call that answers once: it ends within 30 s.</summary>
    public static CallOptions Once(CancellationToken cancel) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancel);

    /// <summary>All sweeps, without their trials.</summary>
    public async Task<IReadOnlyList<Sweep>> ListSweepsAsync(CancellationToken cancel)
    {
        const int MaxPages = 1000;
        var sweeps = new List<Sweep>();
        var request = new ListSweepsRequest();
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await Sweeps.ListAsync(request, Once(cancel));
            sweeps.AddRange(answer.Sweeps);
            if (answer.NextPageToken.Length == 0)
            {
                break;
            }

            request.PageToken = answer.NextPageToken;
        }

        return sweeps;
    }

    public void Dispose() => _channel.Dispose();
}
