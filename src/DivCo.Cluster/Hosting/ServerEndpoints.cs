using DivCo.Cluster.Api;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Collectives;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace DivCo.Cluster.Hosting;

/// <summary>What a server listens on, and what is at each port. Ports are told apart by the socket: a client may write what it likes into its Host header.</summary>
internal static class ServerEndpoints
{
    /// <summary>Tag of the checks that say whether the server can be used.</summary>
    public const string Ready = "ready";

    private const int MaxConnections = 2000, MaxStreamsOfConnection = 100;
    private static readonly TimeSpan _pingDelay = TimeSpan.FromSeconds(20), _pingTimeout = TimeSpan.FromSeconds(20);

    public static void AddEndpoints(this WebApplicationBuilder builder, ServerOptions options, ServerCertificates? certificates)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsOfConnection;
            kestrel.Limits.Http2.KeepAlivePingDelay = _pingDelay;
            kestrel.Limits.Http2.KeepAlivePingTimeout = _pingTimeout;
            if (options.Role != ServerRole.Silo)
            {
                kestrel.Listen(options.Listen, options.ApiPort, api => api.SpeakApi(certificates));
            }

            if (options.Role != ServerRole.Gateway)
            {
                kestrel.Listen(options.Listen, options.ExchangePort, exchange => exchange.SpeakExchange(certificates));
                if (LocalSocket.Beside(options.ExchangeAddress) is { } local)
                {
                    kestrel.Listen(local, exchange => exchange.Protocols = HttpProtocols.Http2);
                }
            }

            kestrel.Listen(options.AdminListen, options.AdminPort, admin => admin.Protocols = HttpProtocols.Http1);
        });
    }

    public static void MapEndpoints(this WebApplication app, ServerOptions options)
    {
        if (options.Role != ServerRole.Silo)
        {
            app.OnPort(options.ApiPort, api =>
            {
                api.MapGrpcService<SweepService>();
                api.MapGrpcService<CheckpointService>();
                api.MapGrpcService<ClusterService>();
                api.MapGrpcReflectionService();
                api.MapGrpcHealthChecksService();
            });
        }

        if (options.Role != ServerRole.Gateway)
        {
            // Of Unix sockets, which have no port, there is the exchange's alone.
            app.On(port => port == options.ExchangePort || port == 0, exchange => exchange.MapGradientExchange());
        }

        app.OnPort(options.AdminPort, admin =>
        {
            // Alive: this process answers. Ready: it is in the cluster, and may be sent work.
            admin.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
            admin.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
            admin.MapHealthChecks("/health");
            admin.MapTelemetry(options);
        });
    }

    private static void SpeakApi(this ListenOptions listen, ServerCertificates? certificates)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (certificates is not null)
        {
            listen.UseHttps(certificates.Api);
        }
    }

    private static void SpeakExchange(this ListenOptions listen, ServerCertificates? certificates)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (certificates is not null)
        {
            var log = listen.ApplicationServices.GetRequiredService<ILogger<ServerCertificates>>();
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = handshake => new(certificates.ForInbound(
                    reason => log.LogWarning("A peer at {Peer} is refused at the exchange: {Reason}", handshake.Connection.RemoteEndPoint, reason))),
            });
        }
    }

    private static void OnPort(this WebApplication app, int port, Action<IEndpointRouteBuilder> map) => app.On(local => local == port, map);

    private static void On(this WebApplication app, Predicate<int> isPort, Action<IEndpointRouteBuilder> map) => app.MapWhen(
        context => isPort(context.Connection.LocalPort),
        branch => branch.UseRouting().UseEndpoints(map));
}
