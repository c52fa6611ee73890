namespace DivCo.Cluster.Devices;

/// <summary>The one pool (key 0): it alone decides which trial gets which devices.</summary>
public interface IDevicePoolGrain : IGrainWithIntegerKey
{
    /// <summary>A silo says what it holds; repeated within <see cref="DevicePoolGrain.Patience"/> or forgotten.</summary>
    Task Announce(string silo, IReadOnlyList<Device> devices);

    /// <summary>A silo that leaves says so.</summary>
    Task Withdraw(string silo);

    /// <summary>Asks for a gang of at least <paramref name="min"/> devices; a trial that waits repeats the call, which keeps its place in the queue.</summary>
    Task<LeaseDecision> Acquire(string trialId, int min, int max);

    /// <summary>Renews a lease, replaces what it lost and offers it more, up to <paramref name="max"/> devices.</summary>
    Task<LeaseExtension> Extend(string trialId, long token, int max);

    /// <summary>Gives single devices back.</summary>
    Task Shrink(string trialId, long token, IReadOnlyList<string> deviceIds);

    /// <summary>True while the lease is valid. A holder that hears false has lost its devices.</summary>
    Task<bool> Renew(string trialId, long token);

    Task Release(string trialId, long token);

    /// <summary>Takes a device that computed wrongly out of use, for good; again is harmless.</summary>
    Task Quarantine(Quarantine quarantine);

    /// <summary>Lets a device be used again. False: it is not in quarantine.</summary>
    Task<bool> Clear(string deviceId);

    Task<IReadOnlyList<DeviceUse>> List();

    /// <summary>Version of the product that the cluster's silos run.</summary>
    Task<string> Version();
}

/// <summary>A device, the trial that leases it (null: none), and why none may (null: one may).</summary>
[GenerateSerializer, Immutable]
public sealed record DeviceUse([property: Id(0)] Device Device, [property: Id(1)] string? TrialId, [property: Id(2)] Quarantine? Quarantine);
