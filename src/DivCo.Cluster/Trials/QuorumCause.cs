namespace DivCo.Cluster.Trials;

/// <summary>Why a quorum epoch begins, in one word for counting; the reason says it for people. Graver ones come first.</summary>
internal enum QuorumCause
{
    /// <summary>A run begins.</summary>
    First,

    /// <summary>A member failed by itself.</summary>
    Failed,

    /// <summary>A member's silo is gone.</summary>
    Lost,

    /// <summary>An audit found other bits.</summary>
    Audit,

    /// <summary>Members cannot reach each other.</summary>
    PeerLost,

    /// <summary>A member does not answer.</summary>
    Silent,

    /// <summary>A state was not handed over in time.</summary>
    SyncTimeout,

    /// <summary>Members were ready with states that differ.</summary>
    Diverged,

    /// <summary>A member's silo drains.</summary>
    Leave,

    /// <summary>A device was added.</summary>
    Join,

    /// <summary>Workers know a later epoch than the record.</summary>
    Superseded,
}
