using DivCo.Cluster.Trials;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Sweeps;

/// <summary>The whole decision state of a sweep: one record, written before the coordinator acts.</summary>
[GenerateSerializer, Immutable]
public sealed record CoordinatorState
{
    /// <summary>Complete (defaults applied); null: nothing was submitted under this id.</summary>
    [Id(0)]
    public SweepSpec? Spec { get; init; }

    [Id(1)]
    public DateTimeOffset SubmittedAt { get; init; }

    [Id(2)]
    public SweepPhase Phase { get; init; } = SweepPhase.Running;

    [Id(3)]
    public string Reason { get; init; } = "";

    /// <summary>Why the sweep is to stop; null: it goes on.</summary>
    [Id(4)]
    public string? StopReason { get; init; }

    [Id(5)]
    public IReadOnlyList<TrialRecord> Trials { get; init; } = [];

    /// <summary>Checkpoints that the ledgers dropped and that are still to be deleted.</summary>
    [Id(6)]
    public IReadOnlyList<DoomedCheckpoint> Doomed { get; init; } = [];

    /// <summary>Context of the span that it was submitted or last resumed with; null: it is not traced.</summary>
    [Id(7)]
    public string? Trace { get; init; }
}

/// <summary>A checkpoint that no ledger holds any more.</summary>
[GenerateSerializer, Immutable]
public sealed record DoomedCheckpoint([property: Id(0)] int Trial, [property: Id(1)] string Name);

/// <summary>The life of a sweep.</summary>
public enum SweepPhase
{
    Running,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
}

/// <summary>What the coordinator knows and wants of one trial.</summary>
[GenerateSerializer, Immutable]
public sealed record TrialRecord
{
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>The drawn parameters.</summary>
    [Id(1)]
    public required Struct Parameters { get; init; }

    [Id(2)]
    public int Run { get; init; } = 1;

    [Id(3)]
    public bool Stop { get; init; }

    [Id(4)]
    public TrialPhase Phase { get; init; } = TrialPhase.Queued;

    [Id(5)]
    public string Reason { get; init; } = "";

    [Id(6)]
    public uint Epoch { get; init; }

    [Id(7)]
    public int Step { get; init; }

    [Id(8)]
    public Dictionary<string, double> Metrics { get; init; } = [];

    /// <summary>The ledger: durable checkpoints, oldest first.</summary>
    [Id(9)]
    public IReadOnlyList<CheckpointEntry> Checkpoints { get; init; } = [];

    [Id(10)]
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>What its checkpoints say of a collapse.</summary>
    [Id(11)]
    public CollapseWatch Collapse { get; init; } = new();

    /// <summary>How often it was begun anew after a collapse; each time with another seed.</summary>
    [Id(12)]
    public int Restarts { get; init; }

    /// <summary>It is stopped only to begin anew.</summary>
    [Id(13)]
    public bool Restarting { get; init; }
}

internal static class SweepPhases
{
    public static bool HasEnded(this SweepPhase phase) => phase is SweepPhase.Stopped or SweepPhase.Succeeded or SweepPhase.Failed;
}
