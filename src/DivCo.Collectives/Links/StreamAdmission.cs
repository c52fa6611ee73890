namespace DivCo.Collectives.Links;

internal enum Admission
{
    Admit,

    /// <summary>The stream waits, unread: the rank it is for has not joined the quorum yet.</summary>
    Park,

    /// <summary>Of a quorum that is over.</summary>
    Stale,

    /// <summary>Not to be understood.</summary>
    Invalid,
}

/// <summary>Decides whether a peer's stream may deliver to a rank of this process.</summary>
internal static class StreamAdmission
{
    /// <param name="hello">The stream's first message.</param>
    /// <param name="newest">The newest quorum of that trial which ranks of this process know; null if none.</param>
    /// <param name="state">Whether the rank it is for has joined or left <paramref name="newest"/>.</param>
    public static (Admission Admission, string Reason) Decide(ExchangeMessage hello, Quorum? newest, Func<int, MailboxState> state)
    {
        if (hello.Kind != MessageKind.Hello || hello.TrialId.Length == 0)
        {
            return (Admission.Invalid, $"a stream begins with Hello of a trial, not with {hello.Kind} of '{hello.TrialId}'");
        }

        if (newest is null || hello.Epoch > newest.Epoch)
        {
            return (Admission.Park, $"no rank has joined quorum {hello.Epoch} of {hello.TrialId} here yet");
        }

        if (hello.Epoch < newest.Epoch)
        {
            return (Admission.Stale, $"quorum {hello.Epoch} of {hello.TrialId} is over: this process is in {newest}");
        }

        if (hello.QuorumHash != newest.Hash)
        {
            return (Admission.Stale, $"{newest} has hash {newest.Hash:x16} here, not {hello.QuorumHash:x16}: its members or addresses differ");
        }

        if (hello.ToRank < 0 || hello.ToRank >= newest.Size || hello.FromRank < 0 || hello.FromRank >= newest.Size || hello.FromRank == hello.ToRank)
        {
            return (Admission.Invalid, $"{newest} of {newest.Size} ranks has no stream from rank {hello.FromRank} to rank {hello.ToRank}");
        }

        return state(hello.ToRank) switch
        {
            MailboxState.Open => (Admission.Admit, ""),
            MailboxState.Closed => (Admission.Stale, $"rank {hello.ToRank} has left {newest}"),
            _ => (Admission.Park, $"rank {hello.ToRank} has not joined {newest} yet"),
        };
    }
}
