using DivCo.Cluster.Api;
using DivCo.Cluster.Api.Access;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Collectives;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DivCo.Cluster.Hosting;

/// <summary>What a server listens on, and what is at each port. Ports are told apart by the socket: a client may write what it likes into its Host header.</summary>
internal static class ServerEndpoints
{
    /// <summary>Tags of the checks that say whether the process answers, whether it has come up, and whether it can be used: routes below /health, and gRPC health's services.</summary>
    public const string Live = "live", Startup = "startup", Ready = "ready";

    private static readonly string[] _states = [Live, Startup, Ready];

    private const int MaxConnections = 2000, MaxStreamsOfConnection = 100;
    private static readonly TimeSpan _pingDelay = TimeSpan.FromSeconds(20), _pingTimeout = TimeSpan.FromSeconds(20);

    public static void AddEndpoints(this WebApplicationBuilder builder, ServerOptions options, ServerCertificates? certificates)
    {
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<MalformedRequests>());
        builder.Logging.AddFilter(MalformedRequests.LogOfGrpc, LogLevel.None);
        builder.Services.AddSingleton<ConnectionEnd>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ConnectionEnd>());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(listen.ApplicationServices.GetRequiredService<ConnectionEnd>().Bound));
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

            kestrel.Listen(options.AdminListen, options.AdminPort, admin => admin.SpeakHttp1AndHttp2());

            // At the admin port Kestrel takes HTTP/2 for https, and the client says http.
            kestrel.AllowAlternateSchemes = true;
        });
    }

    public static void MapEndpoints(this WebApplication app, ServerOptions options)
    {
        if (options.Role != ServerRole.Silo)
        {
            var gate = app.Services.GetRequiredService<AccessGate>();
            app.On(port => port == options.ApiPort, gate.Pass, api =>
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
            app.On(port => port == options.ExchangePort || port == 0, gate: null, exchange => exchange.MapGradientExchange());
        }

        app.On(port => port == options.AdminPort, gate: null, admin =>
        {
            foreach (var state in _states)
            {
                admin.MapHealthChecks($"/health/{state}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(state) });
            }

            admin.MapHealthChecks("/health");
            admin.MapGrpcHealthChecksService();
            admin.MapTelemetry(options);
        });
    }

    /// <summary>What a role adds its own check of readiness to.</summary>
    public static IHealthChecksBuilder AddHealth(this IServiceCollection services)
    {
        return services
            .AddGrpcHealthChecks(health =>
            {
                foreach (var state in _states)
                {
                    health.Services.Map(state, check => check.Tags.Contains(state));
                }
            })
            .AddCheck("process", () => HealthCheckResult.Healthy(), [Live])
            .AddCheck<StartupCheck>("startup", tags: [Startup]);
    }

    private static void SpeakApi(this ListenOptions listen, ServerCertificates? certificates)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (certificates is not null)
        {
            listen.TellWhoSpeaksNoTls("API");
            listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificates.Api);
            listen.Use(next => connection => next(connection.AgreedOnTls()));
        }
    }

    private static void SpeakExchange(this ListenOptions listen, ServerCertificates? certificates)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (certificates is not null)
        {
            var log = listen.ApplicationServices.GetRequiredService<ILogger<ServerCertificates>>();
            listen.TellWhoSpeaksNoTls("exchange");
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = handshake => new(certificates.ForInbound(
                    reason => log.LogWarning("A peer at {Peer} is refused at the exchange: {Reason}", handshake.Connection.RemoteEndPoint, reason))),
            });
            listen.Use(next => connection => next(connection.AgreedOnTls()));
        }
    }

    private static void On(this WebApplication app, Predicate<int> isPort, Func<HttpContext, RequestDelegate, Task>? gate, Action<IEndpointRouteBuilder> map) => app.MapWhen(
        context => isPort(context.Connection.LocalPort),
        branch => (gate is null ? branch : branch.Use(gate)).Use(MalformedRequests.Pass).UseRouting().UseEndpoints(map));
}
