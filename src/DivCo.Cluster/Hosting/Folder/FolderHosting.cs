using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Messaging;
using Orleans.Providers;
using Orleans.Runtime.Hosting;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>Membership, reminders and grain state in one data folder, for any number of processes of one machine, none of them special.</summary>
internal static class FolderHosting
{
    public static ISiloBuilder AddFolderStorage(this ISiloBuilder silo, Action<FolderOptions> configure)
    {
        AddFolderMembership(silo.Services, configure);
        silo.AddReminders();
        silo.Services
            .AddSingleton<IMembershipTable>(services => services.GetRequiredService<FolderMembershipTable>())
            .AddSingleton<IReminderTable, FolderReminderTable>()
            .AddGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => ActivatorUtilities.CreateInstance<FolderGrainStorage>(services))
            .AddSingleton<MemberLocks>()
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>, MembershipTurn>()
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>, MemberLiveness>();
        return silo;
    }

    /// <summary>Lets a process that is no silo find the cluster whose membership is in the data folder.</summary>
    public static IClientBuilder UseFolderClustering(this IClientBuilder client, Action<FolderOptions> configure)
    {
        AddFolderMembership(client.Services, configure);
        client.Services.AddSingleton<IGatewayListProvider, FolderGatewayListProvider>();
        return client;
    }

    private static void AddFolderMembership(IServiceCollection services, Action<FolderOptions> configure)
    {
        services.TryAddSingleton(TimeProvider.System);
        services
            .Configure(configure)
            .AddSingleton(provider => new FolderStore(provider.GetRequiredService<IOptions<FolderOptions>>().Value))
            .AddSingleton<FolderMembershipTable>();
    }
}
