using System.Diagnostics;
using System.Numerics;
using DivCo.Collectives.Links;

namespace DivCo.Collectives;

/// <summary>
/// One rank of one quorum epoch. Used by one thread at a time, the device's own or one that it waits for: every call blocks until all ranks did their part, a peer is
/// lost, or the abort is asked for. All ranks call the same operations in the same order. After an exception only
/// <see cref="Dispose"/> may be called.
/// </summary>
public sealed partial class Communicator : IDisposable
{
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(1);

    private readonly Mailbox _mailbox;
    private readonly IPeerLink?[] _links;
    private readonly MappedMemory? _memory;
    private readonly ExchangeTimeouts _timeouts;
    private readonly Dictionary<int, TreeNode[][]> _nodesOfRanks = [];
    private readonly int[] _due;
    private readonly HashSet<(MessageKind Kind, int Chunk, TreeNode Node)> _received = [];
    private Operation _operation = new(long.MinValue, 0);
    private readonly KeyValuePair<string, object?>[] _linkTags;
    private readonly long[] _sent;
    private readonly long[] _taken;
    private long _started;
    private TimeSpan _whole;
    private TimeSpan _waitedBefore;
    private Activity? _span;
    private string _failure = "";
    private bool _disposed;

    /// <param name="memory">What peers of this host may read; null: none.</param>
    internal Communicator(Mailbox mailbox, IPeerLink?[] links, ExchangeTimeouts timeouts, MappedMemory? memory)
    {
        _memory = memory;
        _mailbox = mailbox;
        _links = links;
        _timeouts = timeouts;
        _due = new int[mailbox.Quorum.Size];
        _linkTags = Array.ConvertAll(links, link => ExchangeTelemetry.Link(link?.Name ?? ""));
        (_sent, _taken) = (new long[links.Length], new long[links.Length]);
    }

    /// <summary>This rank: the index of its member in the quorum.</summary>
    public int Rank => _mailbox.Rank;

    /// <summary>How many ranks.</summary>
    public int Size => Quorum.Size;

    public Quorum Quorum => _mailbox.Quorum;

    /// <summary>Where the time in here went so far.</summary>
    public ExchangeTime Time => new(_whole, _mailbox.Waited);

    /// <summary>Whether each collective gets a span, under the current one: that is for a sample of the steps.</summary>
    public bool IsTraced { get; set; }

    /// <summary>A bit that goes wrong in this process, in a test; null otherwise.</summary>
    public BitFlip? Fault { get; internal init; }

    /// <summary>A point at which this process ends, in a test; null otherwise.</summary>
    public ScriptedKill? Kill { get; internal init; }

    /// <summary>
    /// Sums the buffers of all shards of all ranks along one binary tree over the shard indices. The bits of the result do
    /// not depend on how many ranks there are, nor on which holds what.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="operation">Its name, greater than the last one's.</param>
    /// <param name="own">The shards of this rank: exactly <c>ShardRanges.Of(totalShards, Size, Rank)</c>, present or absent. It is not changed.</param>
    /// <param name="totalShards">Shards of all ranks together, the same on all ranks.</param>
    /// <param name="result">Gets the sum; <c>own.Length</c> elements. Undefined after an exception.</param>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    /// <exception cref="InvalidOperationException">No shard of any rank contributed (all ranks get this), or a call failed before.</exception>
    /// <exception cref="ArgumentException">The shards, the length or the operation are not what they should be.</exception>
    public void AllReduce<T>(Operation operation, ShardStack<T> own, int totalShards, Span<T> result) where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(own);
        CheckShards(own, totalShards);
        if (result.Length != own.Length)
        {
            throw new ArgumentException($"result: has {result.Length} elements; the shards have {own.Length}.", nameof(result));
        }

        Begin(Collective.AllReduce, operation);
        try
        {
            new AllReduce<T>(this, operation, totalShards, own.Length).Run(own.AllNodes, result);
            End(Collective.AllReduce);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }
    }

    /// <summary>
    /// Gives every rank that holds a shard of a slice the rows of all shards of that slice. Sends nothing where one rank holds
    /// the whole slice, so nothing at all with one shard per slice.
    /// </summary>
    /// <param name="operation">Its name, greater than the last one's.</param>
    /// <param name="grid">The shards of all ranks.</param>
    /// <param name="ownRows">The rows of each shard of this rank, by shard index.</param>
    /// <param name="lengthOf">How many elements the rows of a shard have; the same on all ranks.</param>
    /// <returns>The rows of all shards of the slices of this rank, by shard index; its own arrays among them.</returns>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    /// <exception cref="ArgumentException">The rows are not those of this rank's shards, or not of their length.</exception>
    public IReadOnlyDictionary<int, float[]> GatherSlices(
        Operation operation, ShardGrid grid, IReadOnlyDictionary<int, float[]> ownRows, Func<int, int> lengthOf)
    {
        ArgumentNullException.ThrowIfNull(ownRows);
        ArgumentNullException.ThrowIfNull(lengthOf);
        var gather = new SliceGather(this, grid, lengthOf);
        gather.Check(ownRows);
        return Run(Collective.GatherSlices, operation, () => gather.Run(ownRows));
    }

    /// <summary>
    /// Leaves the quorum. What was sent still reaches the peers that read it, for at most <see cref="ExchangeTimeouts.Flush"/>; after a
    /// failed call, or if told to stop, the peers learn of it at once instead. Blocks the calling thread meanwhile.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        var farewells = new List<Task>();
        foreach (var link in _links)
        {
            if (link is not null)
            {
                farewells.Add(link.LeaveAsync(_failure));
            }
        }

        // The farewells never fault, and this is the device's thread: it may block.
        var patience = _failure.Length == 0 || _timeouts.Flush < FarewellTimeout ? _timeouts.Flush : FarewellTimeout;
        _ = Task.WaitAll([.. farewells], patience);
        foreach (var link in _links)
        {
            link?.Dispose();
        }

        _memory?.CloseFile();
        _mailbox.Dispose();
    }

    /// <summary>The nodes each rank brings to a reduction.</summary>
    internal TreeNode[][] NodesOfRanks(int totalShards)
    {
        if (!_nodesOfRanks.TryGetValue(totalShards, out var nodes))
        {
            nodes = [.. Enumerable.Range(0, Size).Select(rank => ReductionTree.Decompose(ShardRanges.Of(totalShards, Size, rank)))];
            _nodesOfRanks.Add(totalShards, nodes);
        }

        return nodes;
    }

    /// <summary>Expects so many more messages from a peer.</summary>
    internal void Expect(int from, int messages) => _due[from] += messages;

    internal bool IsWaiting => _due.AsSpan().ContainsAnyExcept(0);

    /// <summary>The next message of the running operation.</summary>
    internal (int From, ExchangeMessage Message) Receive()
    {
        var received = _mailbox.Take(_operation, _due, _started);
        _taken[received.From] += received.Message.Payload?.Length ?? 0;
        return received;
    }

    /// <summary>The same, if it is there.</summary>
    internal (int From, ExchangeMessage Message)? TryReceive()
    {
        var received = _mailbox.TryTake(_operation, _due);
        if (received is { } come)
        {
            _taken[come.From] += come.Message.Payload?.Length ?? 0;
        }

        return received;
    }

    /// <summary>How many peers read this rank's memory, as far as is known.</summary>
    internal int ReadersOfMemory => _links.Count(link => link is { ReadsMemory: true });

    /// <summary>Memory that a peer reads; null: it reads none of this rank, or all is in use.</summary>
    internal Payload? RentShared(int reader, int length) => _links[reader] is { ReadsMemory: true } ? _memory!.Rent(length) : null;

    /// <summary>Memory for a sum that is going to be sent to all.</summary>
    internal Payload RentSum(int length) => Array.Exists(_links, link => link is { ReadsMemory: true }) && _memory!.Rent(length) is { } block ? block : Payload.Rent(length);

    /// <summary>Checks a message off; a second one of the same name is an error of the peer.</summary>
    internal void Accept(int from, ExchangeMessage message)
    {
        if (!_received.Add((message.Kind, message.Chunk, message.Node)))
        {
            throw Distrust(from, $"it sent {message.Kind} of chunk {message.Chunk}, {message.Node}, twice");
        }

        _due[from]--;
    }

    internal ExchangeMessage Compose(MessageKind kind, int chunk, TreeNode node, ElementType element, Payload? payload) => new(payload)
    {
        Kind = kind,
        Epoch = Quorum.Epoch,
        QuorumHash = Quorum.Hash,
        Operation = _operation,
        Chunk = chunk,
        Node = node,
        Element = element,
    };

    internal void Send(int to, ExchangeMessage message)
    {
        _sent[to] += message.Payload?.Length ?? 0;
        _links[to]!.Send(message);
    }

    /// <summary>Gives up a peer that sent what it should not.</summary>
    internal PeerLostException Distrust(int from, string reason)
    {
        _mailbox.Fail(from, reason);
        return new PeerLostException(
            from, Quorum.Members[from], $"Lost {Quorum.Members[from]} (rank {from} of {Quorum}): {reason} in {_operation}.");
    }

    private static string Describe(Exception exception) =>
        exception is OperationCanceledException ? "it was told to stop." : exception.Message;

    private void Fail(Exception exception)
    {
        _failure = Describe(exception);
        _span?.SetStatus(ActivityStatusCode.Error, _failure).Dispose();
        if (exception is PeerLostException)
        {
            ExchangeTelemetry.LostPeer();
        }
    }

    /// <summary>Counts what the collective cost.</summary>
    private void End(Collective collective)
    {
        var (took, waited) = (Stopwatch.GetElapsedTime(_started), _mailbox.Waited - _waitedBefore);
        _whole += took;
        ExchangeTelemetry.Took(collective, took, waited);
        var bytes = 0L;
        for (var rank = 0; rank < _linkTags.Length; rank++)
        {
            ExchangeTelemetry.Moved(_linkTags[rank], _sent[rank], _taken[rank]);
            bytes += _sent[rank] + _taken[rank];
            (_sent[rank], _taken[rank]) = (0, 0);
        }

        if (_span is { } span)
        {
            span.SetTag("divco.exchange.bytes", bytes).SetTag("divco.exchange.wait_s", waited.TotalSeconds).Dispose();
            _span = null;
        }
    }

    private void Begin(Collective collective, Operation operation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure.Length > 0)
        {
            throw new InvalidOperationException($"This communicator failed before: {_failure}");
        }

        if (operation <= _operation)
        {
            throw new ArgumentException($"operation: {operation} follows {_operation}; operations must grow.", nameof(operation));
        }

        _operation = operation;
        _span = IsTraced ? ExchangeTelemetry.Begin(collective, operation) : null;
        _waitedBefore = _mailbox.Waited;
        _started = Stopwatch.GetTimestamp();
        _received.Clear();
        Array.Clear(_due);
    }
}
