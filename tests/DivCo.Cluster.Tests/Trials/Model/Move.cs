namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>One atomic happening.</summary>
/// <param name="Actor">A worker, a message or an activation.</param>
/// <param name="Other">A worker.</param>
internal readonly record struct Move(Happening Happening, int Actor = 0, int Other = 0);

internal enum Happening
{
    /// <summary>An activation asks all workers and decides.</summary>
    Look,

    /// <summary>The same, and the answer of one worker does not arrive.</summary>
    LookWithout,

    /// <summary>The same, and of one worker an older answer arrives after the newer.</summary>
    LookBack,

    /// <summary>The same, after every deadline of the phase.</summary>
    LookLate,

    /// <summary>The same, and one worker (dead, paused or cut off) has been silent past every deadline.</summary>
    LookPast,

    /// <summary>An activation has the pool take the device that an audit outvoted.</summary>
    Quarantine,
    Activate,
    ActivationDies,
    Deliver,
    Commit,
    LoseAPeer,

    /// <summary>An audit finds that a member computed other bits: each member hears so in its own time, and none of them commits.</summary>
    Dispute,
    Complete,
    Leave,
    ReceiveHalf,
    ReceiveRest,
    LoseTheSource,
    Load,
    ThreadFails,
    WorkerDies,
    Drain,
    Lease,
    WriteCheckpoint,
}
