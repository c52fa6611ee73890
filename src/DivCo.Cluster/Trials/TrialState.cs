using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>A trial's record: written before it acts.</summary>
[GenerateSerializer, Immutable]
public sealed record TrialState
{
    [Id(0)]
    public TrialOrder? Order { get; init; }

    [Id(1)]
    public TrialPhase Phase { get; init; } = TrialPhase.Queued;

    /// <summary>Why it is in this phase, in words.</summary>
    [Id(2)]
    public string Reason { get; init; } = "";

    [Id(3)]
    public Lease? Lease { get; init; }

    /// <summary>Who trains it, and how they came to agree on where to go on.</summary>
    [Id(4)]
    public QuorumState Quorum { get; init; } = new();

    /// <summary>Durable checkpoints that the ledger has not shown yet, oldest first.</summary>
    [Id(5)]
    public IReadOnlyList<CheckpointEntry> Proposals { get; init; } = [];

    /// <summary>Context of the span that the run began with; null: it is not traced.</summary>
    [Id(6)]
    public string? Trace { get; init; }
}

/// <summary>The life of a trial.</summary>
public enum TrialPhase
{
    /// <summary>Waits for devices.</summary>
    Queued,

    /// <summary>Has devices; its quorum forms, trains or waits for members.</summary>
    Running,
    Stopped,
    Succeeded,
    Failed,
}

internal static class TrialPhases
{
    public static bool HasEnded(this TrialPhase phase) => phase is TrialPhase.Stopped or TrialPhase.Succeeded or TrialPhase.Failed;
}
