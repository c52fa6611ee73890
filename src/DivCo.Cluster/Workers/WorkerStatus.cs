namespace DivCo.Cluster.Workers;

/// <summary>What a worker did with its last assignment.</summary>
[GenerateSerializer, Immutable]
public sealed record WorkerStatus(
    [property: Id(0)] string? TrialId,
    [property: Id(1)] uint Epoch,
    [property: Id(2)] WorkerPhase Phase,
    [property: Id(3)] string Reason)
{
    /// <summary>A worker that was told nothing since its process began.</summary>
    public static readonly WorkerStatus Idle = new(null, 0, WorkerPhase.Idle, "idle");

    /// <summary>True where this is the answer to an assignment of this trial and epoch.</summary>
    public bool IsOf(string trialId, uint epoch) => TrialId == trialId && Epoch == epoch;
}

/// <summary>Where a worker is with its assignment.</summary>
public enum WorkerPhase
{
    Idle,
    Running,

    /// <summary>All steps are done.</summary>
    Completed,

    /// <summary>Stopped as asked, with a checkpoint.</summary>
    Stopped,

    /// <summary>A peer was lost; nothing is wrong with this worker.</summary>
    PeerLost,

    /// <summary>Told to leave the epoch.</summary>
    Aborted,

    /// <summary>Its own failure; the reason says which.</summary>
    Failed,
}
