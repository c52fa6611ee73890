using DivCo.Cluster.Api;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting.Folder;
using DivCo.Cluster.Workers;
using DivCo.Collectives;
using DivCo.Training;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DivCo.Cluster.Hosting;

/// <summary>The composition root: everything a server process is made of, as a table of contents.</summary>
internal static class Server
{
    /// <returns>0 after a clean stop, 2 where the machine or the data folder refuses; then one line on standard error says why.</returns>
    public static async Task<int> Run(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            await Serve(options, cancellation);
            return 0;
        }
        catch (Exception e) when (Refusal(e) is { } reason)
        {
            await Console.Error.WriteLineAsync($"divco-server: {reason}");
            return 2;
        }
    }

    private static async Task Serve(ServerOptions options, CancellationToken cancellation)
    {
        if (options.Devices.Count > 0)
        {
            TorchRuntime.Initialise();
        }

        await using var app = Build(options);
        await app.StartAsync(cancellation);
        await app.Services.GetRequiredService<DeviceAnnouncer>().Announced.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        await ReadyFile.Write(options, cancellation);
        app.Logger.LogInformation(
            "{Name} serves its API at {Address}; {Count} devices, data in {Data}, results in {Results}",
            options.Name, options.ApiAddress, options.Devices.Count, options.Data, options.Results);
        if (options.IsInsecure)
        {
            app.Logger.LogWarning(
                "--insecure: whoever reaches {Address} can drive this cluster, and reads what it sends; keep it to a network that you trust", options.Listen);
        }

        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>What the environment did wrong, wherever the host wrapped it; null for a fault of ours, which keeps its stack trace.</summary>
    private static string? Refusal(Exception? e) => e switch
    {
        null => null,
        FolderStoreException or AddressInUseException => e.Message,
        AggregateException many => many.InnerExceptions.Select(Refusal).FirstOrDefault(reason => reason is not null),
        _ => Refusal(e.InnerException),
    };

    private static WebApplication Build(ServerOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddServerConsole();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Host.UseOrleans(silo => silo
            .AddClustering(new ClusteringOptions { SiloName = options.Name, Address = options.Listen, SiloPort = options.SiloPort, GatewayPort = options.GatewayPort })
            .AddFolderStorage(folder => folder.Path = options.Data));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);

        // Devices and the trainings on them.
        builder.Services.AddGradientExchange();
        builder.Services.AddSingleton<LocalDevices>();
        builder.Services.AddSingleton<Func<Device, TrainingSession>>(services => device => ActivatorUtilities.CreateInstance<TrainingSession>(services, device));
        builder.Services.AddSingleton<Func<WorkerTicket, DeviceTrial>>(services => ticket => ActivatorUtilities.CreateInstance<DeviceTrial>(services, ticket));
        builder.Services.AddSingleton<LivingSilos>();
        builder.Services.AddSingleton<DeviceAnnouncer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeviceAnnouncer>());
        builder.Services.AddHostedService<DrainOnShutdown>();

        // The public API.
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<TransientFailures>());
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks().AddCheck<Membership>("member");
        if (options.ParentPid is not null)
        {
            builder.Services.AddHostedService<ParentWatch>();
        }

        var app = builder.Build();
        app.OnPort(options.ApiPort, api =>
        {
            api.MapGrpcService<SweepService>();
            api.MapGrpcService<CheckpointService>();
            api.MapGrpcService<ClusterService>();
            api.MapGrpcReflectionService();
            api.MapGrpcHealthChecksService();
        });
        app.OnPort(options.ExchangePort, exchange => exchange.MapGradientExchange());
        app.OnPort(options.AdminPort, admin => admin.MapHealthChecks("/health"));
        return app;
    }

    /// <summary>Endpoints of one port, told apart by the socket: a client may write what it likes into its Host header.</summary>
    private static void OnPort(this WebApplication app, int port, Action<IEndpointRouteBuilder> map) => app.MapWhen(
        context => context.Connection.LocalPort == port,
        branch => branch.UseRouting().UseEndpoints(map));

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.Listen(options.Listen, options.ApiPort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(options.Listen, options.ExchangePort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(options.Listen, options.AdminPort, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
