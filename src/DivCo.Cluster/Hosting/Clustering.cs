using System.Net;
using DivCo.Cluster.Devices;
using Orleans.Configuration;

namespace DivCo.Cluster.Hosting;

/// <summary>Makes a host one silo of a cluster on this machine: identity, endpoints, failure detection, limits.</summary>
internal static class Clustering
{
    private const int MaxMessageBytes = 16 << 20;

    public static ISiloBuilder AddClustering(this ISiloBuilder silo, ClusteringOptions options)
    {
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ClusterId;
        });
        silo.Services.AddSingleton(options).AddSingleton<ILifecycleParticipant<ISiloLifecycle>, VersionCheck>();
        silo.Configure<SiloOptions>(identity => identity.SiloName = options.SiloName);
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.AdvertisedIPAddress = options.Advertise;
            endpoints.SiloPort = options.SiloPort;
            endpoints.GatewayPort = options.GatewayPort;
            endpoints.SiloListeningEndpoint = new IPEndPoint(options.Listen, options.SiloPort);
            endpoints.GatewayListeningEndpoint = new IPEndPoint(options.Listen, options.GatewayPort);
        });
        silo.Configure<ClusterMembershipOptions>(DetectFailuresInSeconds);
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(15);
            messaging.SystemResponseTimeout = TimeSpan.FromSeconds(15);
            messaging.MaxMessageBodySize = MaxMessageBytes;
        });
        silo.Configure<ReminderOptions>(reminders =>
        {
            // A reminder only re-arms a coordinator after a crash, and a person waits for that.
            reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(1);
            reminders.RefreshReminderListPeriod = TimeSpan.FromSeconds(30);
        });
        // Grains that must stay are marked [KeepAlive]; an idle trial or sweep leaves memory, not the store.
        silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = TimeSpan.FromMinutes(10));
        silo.AddActivityPropagation();
        silo.Services.AddPlacementDirector<DevicePlacement, DevicePlacementDirector>();
        silo.Services.AddLogging(QuietOrleans);
        return silo;
    }

    /// <summary>Makes a host a client of the cluster: it finds a silo, and another when that is gone, for as long as it lives.</summary>
    public static IClientBuilder AddClustering(this IClientBuilder client, string clusterId)
    {
        client.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = clusterId;
            cluster.ServiceId = clusterId;
        });
        client.Configure<ClientMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(15);
            messaging.MaxMessageBodySize = MaxMessageBytes;
        });
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        client.UseConnectionRetryFilter<PatientConnection>();
        client.AddActivityPropagation();
        client.Services.AddLogging(QuietOrleans);
        return client;
    }

    /// <summary>A killed silo is known by its lock at once; probes are for one that hangs, which they know dead after about 5 s.</summary>
    private static void DetectFailuresInSeconds(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 3;
        // Word that came by any connection within this times the limit counts as a sign of life, so by default a silo that hangs lives for 12 s.
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(1.5);
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
        membership.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
        membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    /// <summary>A step keeps all cores busy: what the watchdog takes for starvation is the work.</summary>
    private static void QuietOrleans(ILoggingBuilder logging) => logging
        .AddFilter("Orleans", LogLevel.Warning)
        .AddFilter("Orleans.Messaging", LogLevel.Critical) // a call that found nobody; its caller gets the exception
        .AddFilter("Orleans.Runtime.Messaging", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)
        .AddFilter("Orleans.Hosting.ReminderOptionsValidator", LogLevel.Error);
}
