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

    /// <summary>Devices that are not to be leased, by id.</summary>
    [Id(2)]
    public Dictionary<string, Quarantine> Quarantined { get; set; } = [];
}

/// <summary>A gang of devices, leased to one trial: as many as it needs at least, or none. It may grow and shrink later.</summary>
/// <param name="Token">Grows with every device that is added, so that a device always goes over to the newer lease.</param>
[GenerateSerializer, Immutable]
public sealed record Lease(
    [property: Id(0)] string TrialId,
    [property: Id(1)] long Token,
    [property: Id(2)] IReadOnlyList<Device> Devices)
{
    /// <summary>The token that it began with: leases that began earlier go first.</summary>
    [Id(3)]
    public long First { get; init; } = Token;

    /// <summary>The trial cannot train on fewer.</summary>
    [Id(4)]
    public int Min { get; init; } = Devices.Count;

    /// <summary>It lost devices, and the rest stand idle until others take their place.</summary>
    public bool IsShort => Devices.Count < Min;

    /// <summary>True for every token that this lease ever had: its holder may not have heard of the newest yet.</summary>
    public bool IsHeldBy(long token) => token >= First && token <= Token;
}

/// <summary>The pool's answer; the reason is for people.</summary>
[GenerateSerializer, Immutable]
public sealed record LeaseDecision([property: Id(0)] Lease? Lease, [property: Id(1)] string Reason);

/// <summary>The pool's answer to a holder that keeps its lease.</summary>
/// <param name="Lease">The lease as it is now, devices as their silos announce them; null: it is over.</param>
/// <param name="Lost">Ids of leased devices that are no longer announced.</param>
/// <param name="Yield">The trial is short of devices and must give up the rest, since others can use them and it cannot.</param>
[GenerateSerializer, Immutable]
public sealed record LeaseExtension(
    [property: Id(0)] Lease? Lease,
    [property: Id(1)] IReadOnlyList<string> Lost,
    [property: Id(2)] bool Yield,
    [property: Id(3)] string Reason);
