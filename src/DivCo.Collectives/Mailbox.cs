using System.Diagnostics;

namespace DivCo.Collectives;

/// <summary>
/// Where the messages for one rank of one quorum arrive. Links post from pool threads and never block: a stream that is too far
/// ahead is told to wait. The rank's own thread takes, and blocks until a message, a lost peer, a deadline or the abort.
/// </summary>
internal sealed class Mailbox : IDisposable
{
    private const long QueueLimit = 32L << 20;
    private const int MessageOverhead = 256;

    private readonly object _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Peer[] _peers;
    private ExchangeTimeouts _timeouts = ExchangeTimeouts.Default;
    private CancellationToken _abort;
    private CancellationTokenRegistration _wakeOnAbort;
    private long _joined;

    public Mailbox(Quorum quorum, int rank)
    {
        Quorum = quorum;
        Rank = rank;
        _peers = new Peer[quorum.Size];
        for (var peer = 0; peer < _peers.Length; peer++)
        {
            _peers[peer] = new Peer { InProcess = quorum.Addresses[peer] == quorum.Addresses[rank] };
        }
    }

    public Quorum Quorum { get; }

    public int Rank { get; }

    public MailboxState State { get; private set; }

    /// <summary>How long the rank stood still in <see cref="Take"/>, for its own thread to read.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Ends the streams to this mailbox.</summary>
    public CancellationToken Closed { get; private set; }

    public void Open(ExchangeTimeouts timeouts, CancellationToken abort)
    {
        lock (_gate)
        {
            _timeouts = timeouts;
            _abort = abort;
            _joined = Stopwatch.GetTimestamp();
            Closed = _closed.Token;
            State = MailboxState.Open;
        }

        _wakeOnAbort = abort.Register(Wake);
    }

    /// <summary>Takes a peer's stream; false if it has one already.</summary>
    public bool TryConnect(int from)
    {
        lock (_gate)
        {
            if (_peers[from].Connected)
            {
                return false;
            }

            _peers[from].Connected = true;
            return true;
        }
    }

    /// <summary>Takes over a message and one reference of its payload.</summary>
    public void Post(int from, ExchangeMessage message)
    {
        lock (_gate)
        {
            var peer = _peers[from];
            peer.Heard = Stopwatch.GetTimestamp();
            switch (message.Kind)
            {
                case MessageKind.Hello or MessageKind.Heartbeat:
                    return;
                case MessageKind.Leave when message.Reason.Length == 0:
                    peer.Left = true;
                    break;
                case MessageKind.Leave:
                    peer.Failure ??= $"it left the quorum: {message.Reason}";
                    break;
                case var _ when State == MailboxState.Closed:
                    message.Payload?.Release();
                    return;
                default:
                    peer.Messages.Enqueue(message);
                    peer.QueuedBytes += SizeOf(message);
                    break;
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Completes when the peer's queue has room again: its stream is not read before.</summary>
    public Task RoomFor(int from)
    {
        lock (_gate)
        {
            var peer = _peers[from];
            if (peer.QueuedBytes < QueueLimit || State == MailboxState.Closed)
            {
                return Task.CompletedTask;
            }

            peer.Room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return peer.Room.Task;
        }
    }

    /// <summary>Gives a peer up. What it sent before is still taken.</summary>
    public void Fail(int from, string reason)
    {
        lock (_gate)
        {
            if (!_peers[from].Left)
            {
                _peers[from].Failure ??= reason;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The next message of an operation, from any peer; messages of later operations stay where they are.</summary>
    /// <param name="operation">The running operation.</param>
    /// <param name="due">For each rank, how many messages it still owes.</param>
    /// <param name="started">When the operation began to wait, as a <see cref="Stopwatch"/> timestamp.</param>
    /// <exception cref="PeerLostException">A peer is lost, and no message of the operation is there.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    public (int From, ExchangeMessage Message) Take(Operation operation, ReadOnlySpan<int> due, long started)
    {
        lock (_gate)
        {
            while (true)
            {
                _abort.ThrowIfCancellationRequested();
                for (var from = 0; from < _peers.Length; from++)
                {
                    if (TryTake(_peers[from], operation, due[from]) is { } message)
                    {
                        return (from, message);
                    }
                }

                var wait = ThrowIfLost(operation, due, started);
                var still = Stopwatch.GetTimestamp();
                Monitor.Wait(_gate, wait);
                Waited += Stopwatch.GetElapsedTime(still);
            }
        }
    }

    /// <summary>The same, if it is there; what is wrong with a peer is left to <see cref="Take"/>.</summary>
    public (int From, ExchangeMessage Message)? TryTake(Operation operation, ReadOnlySpan<int> due)
    {
        lock (_gate)
        {
            for (var from = 0; from < _peers.Length; from++)
            {
                if (TryTake(_peers[from], operation, due[from]) is { } message)
                {
                    return (from, message);
                }
            }

            return null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            State = MailboxState.Closed;
            foreach (var peer in _peers)
            {
                while (peer.Messages.TryDequeue(out var message))
                {
                    message.Payload?.Release();
                }

                peer.Room?.TrySetResult();
            }
        }

        // Not disposed: streams still look at it, and it holds nothing.
        _closed.Cancel();
        _wakeOnAbort.Dispose();
    }

    private static long SizeOf(ExchangeMessage message) => MessageOverhead + (message.Payload?.Length ?? 0);

    private static ExchangeMessage? TryTake(Peer peer, Operation operation, int due)
    {
        if (!peer.Messages.TryPeek(out var message))
        {
            return null;
        }

        if (message.Operation != operation)
        {
            // A peer may be one operation ahead, but only when it owes this one nothing: links keep the order.
            if (message.Operation < operation || due > 0)
            {
                peer.Failure ??= $"it sent a message of {message.Operation} out of turn";
            }

            return null;
        }

        peer.Messages.Dequeue();
        peer.QueuedBytes -= SizeOf(message);
        if (peer.Room is { } room && peer.QueuedBytes < QueueLimit / 2)
        {
            // The stream is read again from here on: silence counts from now.
            peer.Heard = Stopwatch.GetTimestamp();
            peer.Room = null;
            room.TrySetResult();
        }

        return message;
    }

    private TimeSpan ThrowIfLost(Operation operation, ReadOnlySpan<int> due, long started)
    {
        var wait = TimeSpan.FromSeconds(1);
        var now = Stopwatch.GetTimestamp();
        for (var rank = 0; rank < _peers.Length; rank++)
        {
            if (rank == Rank)
            {
                continue;
            }

            var peer = _peers[rank];
            var signs = new PeerSigns(
                peer.Failure,
                peer.Left,
                due[rank],
                peer.Heard is { } heard ? Stopwatch.GetElapsedTime(heard, now) : null,
                Stopwatch.GetElapsedTime(_joined, now),
                Stopwatch.GetElapsedTime(started, now),
                Unread: peer.InProcess || peer.Room is not null);
            var (lost, lookAgainIn) = PeerHealth.Judge(signs, _timeouts);
            if (lost is not null)
            {
                var waited = Stopwatch.GetElapsedTime(started, now).TotalSeconds;
                throw new PeerLostException(
                    rank,
                    Quorum.Members[rank],
                    $"Lost {Quorum.Members[rank]} (rank {rank} of {Quorum}): {lost.TrimEnd('.')}. {Quorum.Members[Rank]} (rank {Rank}) waited {waited:0.0} s in {operation} "
                    + $"for {due[rank]} of its messages.");
            }

            wait = lookAgainIn < wait ? lookAgainIn : wait;
        }

        return wait + TimeSpan.FromMilliseconds(1);
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private sealed class Peer
    {
        public Queue<ExchangeMessage> Messages { get; } = new();

        public required bool InProcess { get; init; }

        public long QueuedBytes { get; set; }

        public TaskCompletionSource? Room { get; set; }

        public long? Heard { get; set; }

        public bool Connected { get; set; }

        public bool Left { get; set; }

        public string? Failure { get; set; }
    }
}
