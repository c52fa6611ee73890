namespace DivCo.Collectives;

/// <summary>
/// A peer of the quorum is gone, silent, or not to be believed. The collective did not complete on this rank and the
/// communicator is of no more use; nothing was written that a later epoch needs.
/// </summary>
public sealed class PeerLostException : Exception
{
    public PeerLostException(int rank, string member, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Rank = rank;
        Member = member;
    }

    /// <summary>The lost peer's rank in the quorum; -1 where it is the source of a state, which needs none.</summary>
    public int Rank { get; }

    /// <summary>The lost peer's device id.</summary>
    public string Member { get; }
}
