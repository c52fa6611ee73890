using DivCo.Collectives.Links;

namespace DivCo.Collectives;

/// <summary>
/// The exchange of one process: it knows the newest quorum epoch of each trial that has ranks here, opens their mailboxes, and
/// links each rank to its peers: those with the same address are in this process, the others are reached over gRPC.
/// </summary>
public sealed class ExchangeHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Mailbox[]> _mailboxesOfTrial = [];

    /// <summary>Joins a quorum as one of its ranks. Returns at once; peers may join later. Once per rank and epoch.</summary>
    /// <param name="quorum">The quorum; older epochs of its trial are refused from now on.</param>
    /// <param name="rank">The rank to be.</param>
    /// <param name="timeouts">How long to wait for what.</param>
    /// <param name="abort">Ends every wait of the communicator with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException">The epoch is over here, is another quorum here, or the rank has joined it before.</exception>
    public Communicator Join(Quorum quorum, int rank, ExchangeTimeouts timeouts, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(quorum);
        ArgumentNullException.ThrowIfNull(timeouts);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, quorum.Size);
        timeouts.Validate();

        Mailbox[] mailboxes;
        lock (_gate)
        {
            mailboxes = MailboxesOf(quorum);
            if (mailboxes[rank].IsOpen)
            {
                throw new InvalidOperationException($"Rank {rank} has joined {quorum} before; a rank joins an epoch once.");
            }

            mailboxes[rank].Open(timeouts, abort);
        }

        var links = new IPeerLink?[quorum.Size];
        for (var peer = 0; peer < links.Length; peer++)
        {
            if (peer != rank)
            {
                links[peer] = quorum.Addresses[peer] == quorum.Addresses[rank]
                    ? new LocalPeerLink(quorum, rank, mailboxes[peer])
                    : throw new NotSupportedException($"{quorum.Members[peer]} is in another process.");
            }
        }

        return new Communicator(mailboxes[rank], links, timeouts);
    }

    private Mailbox[] MailboxesOf(Quorum quorum)
    {
        if (_mailboxesOfTrial.TryGetValue(quorum.TrialId, out var mailboxes))
        {
            var newest = mailboxes[0].Quorum;
            if (newest.Equals(quorum))
            {
                return mailboxes;
            }

            if (quorum.Epoch <= newest.Epoch)
            {
                throw new InvalidOperationException($"{quorum} is refused: this process is in {newest}.");
            }
        }

        mailboxes = [.. Enumerable.Range(0, quorum.Size).Select(rank => new Mailbox(quorum, rank))];
        _mailboxesOfTrial[quorum.TrialId] = mailboxes;
        return mailboxes;
    }
}
