using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>
/// The trial's side of the quorum, part of its record. It is written before anything that follows from it is said to anybody, and by
/// compare-and-swap, so of two activations that lead the same trial only one goes on.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record QuorumState
{
    /// <summary>Number of the membership; only grows. Workers refuse everything of an epoch below the one they promised to.</summary>
    [Id(0)]
    public uint Epoch { get; init; }

    [Id(1)]
    public QuorumPhase Phase { get; init; }

    /// <summary>Who is asked to halt for this epoch, in ordinal order of the device ids.</summary>
    [Id(2)]
    public IReadOnlyList<Device> Candidates { get; init; } = [];

    /// <summary>Who takes part, in ordinal order: the index is the rank. While halting: who took part in the epoch before.</summary>
    [Id(3)]
    public IReadOnlyList<Device> Members { get; init; } = [];

    /// <summary>What the epoch starts from. While halting: what the epoch before started from.</summary>
    [Id(4)]
    public QuorumSource? Source { get; init; }

    /// <summary>A worker whose links broke while it and its peers could still be reached; the next epoch tries without it.</summary>
    [Id(5)]
    public string? LeftOut { get; init; }

    /// <summary>Epochs in a row that ended by a worker's own failure or by states that differ, and began where one before them had begun; lost silos do not count.</summary>
    [Id(6)]
    public int Failures { get; init; }

    /// <summary>When this phase began. Deadlines decide when to go on without somebody, never what is right.</summary>
    [Id(7)]
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it is in this phase, in words.</summary>
    [Id(8)]
    public string Reason { get; init; } = "";

    /// <summary>The newest epoch whose audit was acted on: all members report one verdict, and it counts once.</summary>
    [Id(9)]
    public uint Judged { get; init; }

    /// <summary>An audit's verdict that the trial has still to act on; no epoch begins before.</summary>
    [Id(10)]
    public QuorumVerdict? Verdict { get; init; }
}

/// <summary>The trial's way through one epoch.</summary>
public enum QuorumPhase
{
    /// <summary>No quorum was formed yet.</summary>
    Idle,

    /// <summary>Everybody is asked to halt and to say how far it has come.</summary>
    Halting,

    /// <summary>Members and source are fixed; laggards and joiners receive the source's state.</summary>
    Syncing,

    /// <summary>All members held the same state and were told to go.</summary>
    Running,

    /// <summary>Every member committed the last update, or stopped as asked after the same one.</summary>
    Finished,
}
