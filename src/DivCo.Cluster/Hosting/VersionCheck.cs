using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// Keeps a silo of another product version out while silos of the cluster live: what they say to each other is internal to one version. The version stands
/// in a record that every silo writes before it becomes active; its ETag settles who was first where two versions start at once.
/// </summary>
internal sealed class VersionCheck(
    [FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage, IMembershipTable members, ILocalSiloDetails local,
    ClusteringOptions options, IOptions<ClusterMembershipOptions> membership, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private const string StateName = "version";

    // Grain storage is there from ApplicationServices on, and by then every silo that starts is in the membership table.
    private const int Stage = ServiceLifecycleStage.ApplicationServices + 1;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(VersionCheck), Stage, Check);

    /// <summary>Whether a silo may join; null: it may.</summary>
    /// <param name="recorded">The version that the cluster last ran; null: it never ran.</param>
    /// <param name="living">Names of the other silos that are alive.</param>
    public static string? Refusal(string cluster, string own, string? recorded, IReadOnlyList<string> living) => recorded is null || recorded == own || living.Count == 0
        ? null
        : $"this is version {own}, and the cluster {cluster} runs version {recorded} ({string.Join(", ", living)}); install {recorded} here, or stop those first "
            + "(one that was killed counts for half a minute)";

    private async Task Check(CancellationToken cancellation)
    {
        var cluster = GrainId.Create("cluster", options.ClusterId);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = new GrainState<ClusterVersion>(new ClusterVersion());
            await storage.ReadStateAsync(StateName, cluster, record);
            if (Refusal(options.ClusterId, options.Version, record.RecordExists ? record.State?.Version : null, await Living(cancellation)) is { } refusal)
            {
                throw new ClusterRefusalException(refusal);
            }

            record.State = new ClusterVersion { Version = options.Version };
            try
            {
                await storage.WriteStateAsync(StateName, cluster, record);
                return;
            }
            catch (InconsistentStateException)
            {
                // Another silo starts too: what it wrote counts.
            }
        }
    }

    /// <summary>A killed silo stays in the table until another finds out, but tells no longer that it is alive.</summary>
    private async Task<IReadOnlyList<string>> Living(CancellationToken cancellation)
    {
        var silent = time.GetUtcNow().UtcDateTime - (3 * membership.Value.IAmAliveTablePublishTimeout);
        return [.. (await members.ReadAllAsync(cancellation)).Members.Select(row => row.Item1)
            .Where(member => member.SiloName != local.Name && member.Status != SiloStatus.Dead)
            .Where(member => member.IAmAliveTime > silent || member.StartTime > silent)
            .Select(member => member.SiloName).Order(StringComparer.Ordinal)];
    }
}

/// <summary>The version of the silos of a cluster.</summary>
[GenerateSerializer]
internal sealed record ClusterVersion
{
    [Id(0)]
    public string Version { get; set; } = "";
}
