namespace DivCo.Cluster.Trials;

/// <summary>What a worker answers to any command or question of its trial.</summary>
/// <param name="Incarnation">Of its process: what one process promised, the next knows nothing of.</param>
/// <param name="Promised">The newest epoch it was asked to halt for.</param>
/// <param name="Commit">What it holds, null for nothing; exact where it is halted or ready, while it trains what it started from.</param>
/// <param name="Leaving">Its silo drains: leave it out of the next epoch.</param>
/// <param name="LostPeer">Device id of the peer that it lost, in the phase <see cref="QuorumMemberPhase.PeerLost"/>.</param>
[GenerateSerializer, Immutable]
public sealed record QuorumReport(
    [property: Id(0)] string Incarnation,
    [property: Id(1)] uint Promised,
    [property: Id(2)] QuorumMemberPhase Phase,
    [property: Id(3)] QuorumCommit? Commit,
    [property: Id(4)] bool Leaving,
    [property: Id(5)] string? LostPeer,
    [property: Id(6)] string Reason)
{
    /// <summary>What an audit found; said until the worker prepares for another epoch, so that no trial that forms one can miss it.</summary>
    [Id(7)]
    public QuorumVerdict? Verdict { get; init; }

    /// <summary>Why the training stands still, in words: what it leaves behind cannot be written now. Nothing failed by it.</summary>
    [Id(8)]
    public string? Obstacle { get; init; }
}

/// <summary>The worker's way through one epoch. A thread is at work only in Running, Halting and Syncing.</summary>
public enum QuorumMemberPhase
{
    /// <summary>Was asked nothing yet.</summary>
    Idle,
    Running,

    /// <summary>Promised to halt; the device's thread has not left yet, and may still commit.</summary>
    Halting,

    /// <summary>The thread has left: what it holds stays as it is until it is told to prepare.</summary>
    Halted,

    /// <summary>Receives the source's state into a second buffer.</summary>
    Syncing,

    /// <summary>Holds what the epoch starts from.</summary>
    Ready,

    /// <summary>Committed the last update; holds it until it is released.</summary>
    Completed,

    /// <summary>Stopped as asked.</summary>
    Stopped,

    /// <summary>Lost a peer; nothing is wrong with this worker, and it holds its last commit.</summary>
    PeerLost,

    /// <summary>Its own failure: its state is discarded, never repaired.</summary>
    Failed,

    /// <summary>An audit found that a device computed other bits; the worker holds its last commit.</summary>
    AuditFailed,
}
