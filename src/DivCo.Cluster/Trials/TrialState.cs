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

    /// <summary>Number of the quorum; only grows. Everything that an older one sends is refused.</summary>
    [Id(3)]
    public uint Epoch { get; init; }

    [Id(4)]
    public Lease? Lease { get; init; }

    /// <summary>Where the present epoch began; null: from the beginning.</summary>
    [Id(5)]
    public CheckpointEntry? ResumedFrom { get; init; }

    [Id(6)]
    public IReadOnlyList<CheckpointEntry> Proposals { get; init; } = [];

    /// <summary>Epochs of this run that ended by a worker's own failure.</summary>
    [Id(7)]
    public int Failures { get; init; }

    /// <summary>What the disbanded epoch leads to.</summary>
    [Id(8)]
    public TrialPhase After { get; init; } = TrialPhase.Queued;
}

/// <summary>The life of a trial.</summary>
public enum TrialPhase
{
    /// <summary>Waits for devices.</summary>
    Queued,

    /// <summary>A quorum trains.</summary>
    Running,

    /// <summary>The quorum is told to leave; then <see cref="TrialState.After"/>.</summary>
    Disbanding,

    Stopped,
    Succeeded,
    Failed,
}

internal static class TrialPhases
{
    public static bool HasEnded(this TrialPhase phase) => phase is TrialPhase.Stopped or TrialPhase.Succeeded or TrialPhase.Failed;
}
