using System.Diagnostics;
using DivCo.Collectives.Links;
using Grpc.Core;

namespace DivCo.Collectives;

/// <summary>
/// The exchange of one process: it knows the newest quorum epoch of each trial that has ranks here, opens their mailboxes, and
/// links each rank to its peers: those with the same address are in this process, the others are reached over gRPC. Streams of older epochs
/// are refused and counted; those of newer ones are parked, unread, until their rank joins.
/// </summary>
public sealed class ExchangeHub
{
    private readonly Lock _gate = new();
    private readonly StateOffers _offers = new();
    private TrialMemory<Mailbox[]> _mailboxesOfTrial = NewMemory(256);
    private TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _staleStreams;
    private int _parkedStreams;

    /// <summary>How long a stream may be parked.</summary>
    public TimeSpan ParkTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many streams may be parked at once.</summary>
    public int MaxParkedStreams { get; init; } = 256;

    /// <summary>A bit that goes wrong in this process, so that a test sees how it is found; null, as ever, where none does.</summary>
    public BitFlip? Fault { get; init; }

    /// <summary>Null: peers that are reached over TLS cannot be.</summary>
    public ExchangeTls? Tls { get; init; }

    /// <summary>The best way to other processes that may be used.</summary>
    public ExchangeTransport Transport { get; init; } = ExchangeTransport.Shm;

    /// <summary>A point at which this process ends, so that a test sees how the others go on; null, as ever, where none does.</summary>
    public ScriptedKill? Kill { get; init; }

    /// <summary>Of how many trials the newest epoch is remembered; more only while they train.</summary>
    public int RememberedTrials
    {
        init => (_mailboxesOfTrial, _offers.RememberedTrials) = (NewMemory(value), value);
    }

    /// <summary>How many states may be sent at once.</summary>
    public int MaxStateTransfers
    {
        get => _offers.MaxTransfers;
        init => _offers.MaxTransfers = value;
    }

    /// <summary>How long the receiver of a state may take nothing of it.</summary>
    public TimeSpan StateStallTimeout
    {
        get => _offers.StallTimeout;
        init => _offers.StallTimeout = value;
    }

    /// <summary>Streams and requests refused because their quorum is over, since the process began.</summary>
    public long StaleStreams => Interlocked.Read(ref _staleStreams);

    /// <summary>Trials whose newest epoch is remembered.</summary>
    internal int KnownTrials
    {
        get
        {
            lock (_gate)
            {
                return _mailboxesOfTrial.Count;
            }
        }
    }

    /// <summary>Streams waiting for their rank to join.</summary>
    public int ParkedStreams => Volatile.Read(ref _parkedStreams);

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
        TaskCompletionSource joined;
        lock (_gate)
        {
            mailboxes = MailboxesOf(quorum);
            if (mailboxes[rank].State != MailboxState.Awaited)
            {
                throw new InvalidOperationException($"Rank {rank} has joined {quorum} before; a rank joins an epoch once.");
            }

            mailboxes[rank].Open(timeouts, abort);
            joined = _joined;
            _joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        joined.SetResult();
        var memory = Transport == ExchangeTransport.Shm && quorum.Addresses.Any(address => address != quorum.Addresses[rank] && LocalSocket.Beside(address) is not null)
            ? MappedMemory.Create()
            : null;
        var links = new IPeerLink?[quorum.Size];
        for (var peer = 0; peer < links.Length; peer++)
        {
            if (peer != rank)
            {
                links[peer] = quorum.Addresses[peer] == quorum.Addresses[rank]
                    ? new LocalPeerLink(quorum, rank, mailboxes[peer])
                    : new GrpcPeerLink(
                        mailboxes[rank], peer, timeouts, new PeerDialer(Tls, Transport), LocalSocket.Beside(quorum.Addresses[peer]) is null ? null : memory);
            }
        }

        return new Communicator(mailboxes[rank], links, timeouts, memory) { Fault = Fault, Kill = Kill };
    }

    /// <summary>
    /// Lets the members of an epoch copy the state of a worker of this process, until the result is disposed of. Disposing ends the transfers that
    /// are under way and returns when none reads the state any more; it throws <see cref="TimeoutException"/> where one does not leave.
    /// </summary>
    /// <exception cref="InvalidOperationException">A state was offered for this epoch of the trial, or a later one, before; or it is joined already.</exception>
    public IDisposable OfferState(string trialId, uint epoch, StateOffer offer)
    {
        ArgumentException.ThrowIfNullOrEmpty(trialId);
        ArgumentNullException.ThrowIfNull(offer);
        return NewestJoined(trialId) is { } joined && joined >= epoch
            ? throw new InvalidOperationException($"A state for epoch {epoch} of {trialId} cannot be offered: this process trains in epoch {joined}.")
            : _offers.Offer(trialId, epoch, offer);
    }

    /// <summary>
    /// Begins to copy the state that a worker offers to the members of an epoch, and blocks until it answers; a source that has not made its
    /// offer yet, or is busy with others, is asked again. A source in this process is read directly.
    /// </summary>
    /// <param name="source">Device id of the worker.</param>
    /// <param name="address">The exchange address of its process.</param>
    /// <param name="timeouts">
    /// The source may be unreachable or silent for <see cref="ExchangeTimeouts.Peer"/>, make its offer within <see cref="ExchangeTimeouts.Join"/>, and be busy for
    /// <see cref="ExchangeTimeouts.Operation"/>.
    /// </param>
    /// <param name="abort">Ends every wait, here and in the stream, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Dispose of it to end the transfer, whole or not.</returns>
    /// <exception cref="PeerLostException">The source is gone or silent, or does not offer this state (any more); its message says which.</exception>
    public StateStream FetchState(
        string trialId, uint epoch, string source, Uri address, ExchangeTimeouts timeouts, CancellationToken abort)
    {
        ArgumentException.ThrowIfNullOrEmpty(trialId);
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(timeouts);
        timeouts.Validate();
        var fetch = new StateFetch(trialId, epoch, source, address, timeouts, new PeerDialer(Tls, Transport), abort);
        return _offers.Open(trialId, epoch, source, NewestJoined(trialId)).Reading is { } here ? fetch.Read(here) : fetch.Connect();
    }

    /// <summary>What becomes of another process's request for a state.</summary>
    internal (StateAdmission Admission, string Reason, StateReading? Reading) OpenState(string trialId, uint epoch, string source)
    {
        var answer = _offers.Open(trialId, epoch, source, NewestJoined(trialId));
        if (answer.Admission == StateAdmission.Stale)
        {
            CountStale();
        }

        return answer;
    }

    /// <summary>The mailbox that a peer's stream delivers to; waits for it to open.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION: stale. UNAVAILABLE: it did not open in time. RESOURCE_EXHAUSTED: too many wait.</exception>
    internal async Task<Mailbox> AdmitAsync(ExchangeMessage hello, CancellationToken cancellation)
    {
        if (Admit(hello, out var next, out _) is { } open)
        {
            return open;
        }

        if (Interlocked.Increment(ref _parkedStreams) > MaxParkedStreams)
        {
            Interlocked.Decrement(ref _parkedStreams);
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"{MaxParkedStreams} streams wait for their ranks already"));
        }

        ExchangeTelemetry.Parked(+1);
        try
        {
            var parked = Stopwatch.GetTimestamp();
            while (true)
            {
                var left = ParkTimeout - Stopwatch.GetElapsedTime(parked);
                await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
                if (Admit(hello, out next, out _) is { } opened)
                {
                    return opened;
                }
            }
        }
        catch (TimeoutException)
        {
            _ = Admit(hello, out _, out var reason);
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"waited {ParkTimeout.TotalSeconds:0.###} s: {reason}"));
        }
        finally
        {
            ExchangeTelemetry.Parked(-1);
            Interlocked.Decrement(ref _parkedStreams);
        }
    }

    private void CountStale()
    {
        Interlocked.Increment(ref _staleStreams);
        ExchangeTelemetry.RefusedStream();
    }

    private Mailbox? Admit(ExchangeMessage hello, out Task nextJoin, out string reason)
    {
        lock (_gate)
        {
            nextJoin = _joined.Task;
            var mailboxes = _mailboxesOfTrial.Get(hello.TrialId);
            (var admission, reason) = StreamAdmission.Decide(hello, mailboxes?[0].Quorum, rank => mailboxes![rank].State);
            switch (admission)
            {
                case Admission.Admit:
                    return mailboxes![hello.ToRank];
                case Admission.Park:
                    return null;
                case Admission.Stale:
                    CountStale();
                    throw new RpcException(new Status(StatusCode.FailedPrecondition, reason));
                default:
                    throw new RpcException(new Status(StatusCode.InvalidArgument, reason));
            }
        }
    }

    private uint? NewestJoined(string trialId)
    {
        lock (_gate)
        {
            return _mailboxesOfTrial.Get(trialId)?[0].Quorum.Epoch;
        }
    }

    private static TrialMemory<Mailbox[]> NewMemory(int trials) => new(trials, mailboxes => mailboxes.Any(mailbox => mailbox.State == MailboxState.Open));

    private Mailbox[] MailboxesOf(Quorum quorum)
    {
        if (_mailboxesOfTrial.Get(quorum.TrialId) is { } known)
        {
            var newest = known[0].Quorum;
            if (newest.Equals(quorum))
            {
                return known;
            }

            if (quorum.Epoch <= newest.Epoch)
            {
                throw new InvalidOperationException($"{quorum} is refused: this process is in {newest}.");
            }
        }

        Mailbox[] mailboxes = [.. Enumerable.Range(0, quorum.Size).Select(rank => new Mailbox(quorum, rank))];
        _mailboxesOfTrial.Set(quorum.TrialId, mailboxes);
        return mailboxes;
    }
}
