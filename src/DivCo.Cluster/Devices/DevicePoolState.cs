namespace DivCo.Cluster.Devices;

/// <summary>What the pool must not forget: who holds what. Announcements are not stored; silos repeat them.</summary>
[GenerateSerializer]
public sealed record DevicePoolState
{
    /// <summary>Token of the newest lease; grows for ever, so an old holder is recognised.</summary>
    [Id(0)]
    public long LastToken { get; set; }

    /// <summary>Leases by the trial that holds them.</summary>
    [Id(1)]
    public Dictionary<string, Lease> Leases { get; set; } = [];
}

/// <summary>A gang of devices, leased to one trial: all of them or none.</summary>
[GenerateSerializer, Immutable]
public sealed record Lease(
    [property: Id(0)] string TrialId,
    [property: Id(1)] long Token,
    [property: Id(2)] IReadOnlyList<Device> Devices);

/// <summary>The pool's answer; the reason is for people.</summary>
[GenerateSerializer, Immutable]
public sealed record LeaseDecision([property: Id(0)] Lease? Lease, [property: Id(1)] string Reason);
