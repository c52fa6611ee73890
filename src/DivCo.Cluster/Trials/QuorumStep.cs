namespace DivCo.Cluster.Trials;

/// <summary>What a worker becomes by a command, and what its session does about it; the details stand in the new state's assignment.</summary>
/// <param name="Refusal">Why the command was refused; to be counted and logged.</param>
internal sealed record QuorumStep(QuorumParticipant State, QuorumDeed Deed, string? Refusal = null);

internal enum QuorumDeed
{
    None,

    /// <summary>Make the device's thread leave; its leaving is the answer.</summary>
    Cancel,

    /// <summary>Receive the source's state into a second buffer, check its hash, swap.</summary>
    Receive,

    /// <summary>The same from a checkpoint, or from the beginning.</summary>
    Load,

    /// <summary>Train from the commit that is held: the next update is its count.</summary>
    Train,

    /// <summary>Stop after the present step.</summary>
    Stop,
}

/// <summary>How a thread left the device.</summary>
internal enum QuorumExit
{
    Completed,
    Stopped,

    /// <summary>The second buffer was accepted and swapped in.</summary>
    Received,

    /// <summary>Cancelled, as told.</summary>
    Halted,

    /// <summary>A peer was lost, or what it sent was not accepted.</summary>
    PeerLost,

    /// <summary>An audit found other bits; nothing of the update was committed.</summary>
    AuditFailed,

    /// <summary>Anything else: what the worker held is discarded.</summary>
    Failed,
}
