using DivCo.Collectives.Links;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace DivCo.Collectives;

/// <summary>Puts the exchange into an ASP.NET Core server. Its endpoint speaks HTTP/2 only, on a port of its own.</summary>
public static class GradientExchangeHosting
{
    private const int StreamWindowBytes = 8 * 1024 * 1024;
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Registers <see cref="ExchangeHub"/> (one for the process; with <see cref="ExchangeTls"/> if that is registered), the service, and Kestrel's windows and
    /// socket blocks.
    /// </summary>
    public static IServiceCollection AddGradientExchange(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new ExchangeHub
        {
            Fault = BitFlip.FromEnvironment(),
            Kill = ScriptedKill.FromEnvironment(),
            Tls = provider.GetService<ExchangeTls>(),
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<GradientExchangeService>, ExchangeMethod>());
        services.AddGrpc().AddServiceOptions<GradientExchangeService>(options =>
        {
            options.MaxReceiveMessageSize = ExchangeMarshaller.MaxMessageBytes;
            options.CompressionProviders.Clear();
        });
        services.AddSingleton<IMemoryPoolFactory<byte>, SocketBlockPool>();
        services.Configure<KestrelServerOptions>(options =>
        {
            options.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
            options.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        });
        return services;
    }

    /// <summary>Maps the gRPC services divco.exchange.v1.GradientExchange and StateExchange.</summary>
    public static GrpcServiceEndpointConventionBuilder MapGradientExchange(this IEndpointRouteBuilder endpoints)
    {
        var (hub, log) = (endpoints.ServiceProvider.GetRequiredService<ExchangeHub>(), endpoints.ServiceProvider.GetRequiredService<ILogger<ExchangeHub>>());
        if (hub.Fault is { } fault)
        {
            log.LogWarning(
                "{Variable} is set: this process WILL COMPUTE WRONGLY on purpose ({Fault}); unset it anywhere but in a test", BitFlip.Variable, fault);
        }

        if (hub.Kill is { } kill)
        {
            log.LogWarning("{Variable} is set: this process WILL KILL ITSELF ({Kill}); unset it anywhere but in a test", ScriptedKill.Variable, kill);
        }

        endpoints.MapGrpcService<StateExchangeService>();
        return endpoints.MapGrpcService<GradientExchangeService>();
    }
}
