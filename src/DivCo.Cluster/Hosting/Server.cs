using DivCo.Cluster.Api;
using DivCo.Cluster.Api.Access;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting.Folder;
using DivCo.Cluster.Hosting.Redis;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Cluster.Workers;
using DivCo.Collectives;
using DivCo.Training;
using Microsoft.AspNetCore.Connections;

namespace DivCo.Cluster.Hosting;

/// <summary>The composition root: everything a server process is made of, as a table of contents.</summary>
internal static class Server
{
    private static readonly TimeSpan _joinTimeout = TimeSpan.FromMinutes(1);

    /// <returns>0 after a clean stop, 2 where the machine, the network or the storage refuses; then one line on standard error says why.</returns>
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
            DeviceCheck.Run(options.Devices);
        }

        using var certificates = options.Tls is { } files ? ServerCertificates.Load(files, TimeProvider.System) : null;
        var warnings = options.Redis is { } redis ? await RedisCheck.Run(redis, cancellation) : [];
        await using var app = Build(options, certificates);
        await Start(app, cancellation);
        if (options.Role != ServerRole.Gateway)
        {
            await app.Services.GetRequiredService<DeviceAnnouncer>().Announced.WaitAsync(_joinTimeout, cancellation);
        }
        else
        {
            await MeetCluster(app, cancellation);
        }

        app.Services.GetRequiredService<StartupCheck>().ServerIsUp();
        await ReadyFile.Write(options, cancellation);
        Tell(app.Logger, options, warnings);
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>A server that cannot start takes back what it has begun.</summary>
    private static async Task Start(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await HalfStarted.Withdraw(app.Services, app.Logger);
            throw;
        }
    }

    /// <summary>A cluster that cannot say its version now may do so later: readiness asks again.</summary>
    private static async Task MeetCluster(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await Reach.MustBeOfOneVersion(app.Services.GetRequiredService<IGrainFactory>(), cancellation);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            app.Logger.LogWarning("The cluster does not answer yet: {Message}", e.Message);
        }
    }

    private static void Tell(ILogger log, ServerOptions options, IReadOnlyList<string> warnings)
    {
        log.LogInformation(
            "{Name} is up as {Role}: API {Api}, {Count} devices, records in {Storage}, results in {Results}",
            options.Name, options.Role, options.Role == ServerRole.Silo ? "elsewhere" : options.ApiAddress, options.Devices.Count,
            options.Redis is null ? options.Data : "Redis", options.Results);
        foreach (var warning in warnings)
        {
            log.LogWarning("{Warning}", warning);
        }

        if (options.IsInsecure)
        {
            log.LogWarning(
                "--insecure: whoever reaches {Address} can drive this cluster, or reads what it sends; keep it to a network that you trust", options.Listen);
        }
    }

    /// <summary>What the environment did wrong, wherever the host wrapped it; null for a fault of ours, which keeps its stack trace.</summary>
    private static string? Refusal(Exception? e) => e switch
    {
        null => null,
        FolderStoreException or AddressInUseException or RedisException or TlsException or ClusterRefusalException => e.Message,
        AggregateException many => many.InnerExceptions.Select(Refusal).FirstOrDefault(reason => reason is not null),
        _ => Refusal(e.InnerException),
    };

    private static WebApplication Build(ServerOptions options, ServerCertificates? certificates)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddServerConsole();
        builder.AddTelemetry(options);
        builder.AddEndpoints(options, certificates);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ILoggerProvider, TrialLogWriter>();
        if (options.ParentPid is not null)
        {
            builder.Services.AddHostedService<ParentWatch>();
        }

        if (options.Role == ServerRole.Gateway)
        {
            builder.AddClient(options, certificates);
        }
        else
        {
            builder.AddSilo(options, certificates);
        }

        if (options.Role != ServerRole.Silo)
        {
            builder.AddApi(options);
        }

        var startup = new StartupCheck();
        builder.Services.AddSingleton(startup);
        builder.Logging.SayNothingOfAFailedStart(() => startup.IsUp);
        var app = builder.Build();
        certificates?.Log = app.Logger;
        app.MapEndpoints(options);
        return app;
    }

    private static void AddSilo(this WebApplicationBuilder builder, ServerOptions options, ServerCertificates? certificates)
    {
        builder.Host.UseOrleans(silo =>
        {
            silo.AddClustering(new ClusteringOptions
            {
                ClusterId = options.Cluster,
                SiloName = options.Name,
                Listen = options.Listen,
                Advertise = options.Advertise,
                SiloPort = options.SiloPort,
                GatewayPort = options.GatewayPort,
            });
            _ = options.Redis is { } redis ? silo.AddRedisStorage(redis) : silo.AddFolderStorage(folder => folder.Path = options.Data);
            _ = certificates is null ? silo : silo.UseTls(certificates);
        });

        // Devices and the trainings on them.
        if (certificates is not null)
        {
            builder.Services.AddSingleton(services => certificates.ForExchange(services.GetRequiredService<ILogger<ServerCertificates>>()));
        }

        builder.Services.AddGradientExchange();
        builder.Services.AddSingleton<LocalDevices>();
        builder.Services.AddSingleton<Func<Device, TrainingSession>>(services => device => ActivatorUtilities.CreateInstance<TrainingSession>(services, device));
        builder.Services.AddSingleton<Func<WorkerTicket, DeviceTrial>>(services => ticket => ActivatorUtilities.CreateInstance<DeviceTrial>(services, ticket));
        builder.Services.AddSingleton<LivingSilos>();
        builder.Services.AddSingleton<DeviceAnnouncer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeviceAnnouncer>());
        builder.Services.AddHostedService<DrainOnShutdown>();
        builder.Services.AddHealth().AddCheck<Membership>("member", tags: [ServerEndpoints.Ready]);
    }

    /// <summary>A gateway holds no grains: it asks those of the silos.</summary>
    private static void AddClient(this WebApplicationBuilder builder, ServerOptions options, ServerCertificates? certificates)
    {
        builder.Host.UseOrleansClient(client =>
        {
            client.AddClustering(options.Cluster);
            _ = options.Redis is { } redis ? client.UseRedisMembership(redis) : client.UseFolderClustering(folder => folder.Path = options.Data);
            _ = certificates is null ? client : client.UseTls(certificates);
        });
        builder.Services.AddHealth().AddCheck<Reach>("cluster", tags: [ServerEndpoints.Ready]);
    }

    private static void AddApi(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton<AccessLog>();
        builder.Services.AddSingleton<CallLimits>();
        builder.Services.AddSingleton<AccessControl>();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<AccessGate>(
            services, options.Tokens is { } tokens ? [ActivatorUtilities.CreateInstance<CurrentTokens>(services, tokens)] : []));
        builder.Services.AddGrpc()
            .AddServiceOptions<SweepService>(Guard)
            .AddServiceOptions<CheckpointService>(Guard)
            .AddServiceOptions<ClusterService>(Guard);
        builder.Services.AddGrpcReflection();

        static void Guard<T>(Grpc.AspNetCore.Server.GrpcServiceOptions<T> service) where T : class
        {
            service.Interceptors.Add<AccessControl>();
            service.Interceptors.Add<TransientFailures>();
        }
    }
}
