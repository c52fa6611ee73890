using System.Numerics;
using System.Numerics.Tensors;

namespace DivCo.Collectives;

/// <summary>
/// The all-reduce: the buffer is cut into chunks, each owned by one rank. Every rank sends its node sums of a chunk to the chunk's owner,
/// who finishes the tree and sends the result to all. Two hops; for aligned power-of-two ranges the bytes of a ring.
/// </summary>
internal sealed class AllReduce<T>(Communicator communicator, Operation operation, int totalShards, int length)
    where T : unmanaged, INumber<T>
{
    /// <summary>Chunks under way at once: what is in caches stays there, and peers read blocks that were written just now.</summary>
    private const int Window = 64;

    private readonly ChunkLayout _layout = new(length, Element.SizeOf<T>(), communicator.Size);
    private readonly TreeNode _root = TreeNode.Root(totalShards);
    private readonly TreeNode[] _padding = ReductionTree.Padding(totalShards);
    private readonly TreeNode[][] _nodesOfRanks = communicator.NodesOfRanks(totalShards);
    private readonly Dictionary<int, ReductionTree<Payload>> _ownChunks = [];
    private readonly Loan _loan = new();
    private int _finished;
    private bool _revoked;
    private bool _nothingContributed;

    public void Run(IReadOnlyList<(TreeNode Node, T[]? Sum)> own, Span<T> result)
    {
        try
        {
            Exchange(own, result);
        }
        catch
        {
            _loan.Revoke();
            throw;
        }
    }

    private void Exchange(IReadOnlyList<(TreeNode Node, T[]? Sum)> own, Span<T> result)
    {
        // 1. Say what must come: contributions to my chunks, results of the others'.
        var mine = communicator.Rank;
        for (var rank = 0; rank < communicator.Size; rank++)
        {
            if (rank != mine)
            {
                communicator.Expect(rank, (_layout.OwnedBy(mine) * _nodesOfRanks[rank].Length) + _layout.OwnedBy(rank));
            }
        }

        communicator.Kill?.Reach(communicator, operation, KillPhase.BeforeSend);

        // 2. Bring my node sums to the owners of the chunks, myself among them; take what comes meanwhile. All ranks go through the chunks in one order, so
        // nobody waits for one that waits for it: the first unfinished chunk has been sent by all.
        for (var chunk = 0; chunk < _layout.Count; chunk++)
        {
            while (communicator.IsWaiting && (chunk - _finished >= Window ? communicator.Receive() : communicator.TryReceive()) is { } come)
            {
                Take(come.From, come.Message, result);
            }

            var owner = _layout.OwnerOf(chunk);
            if (owner == mine)
            {
                TreeOf(chunk);
            }

            foreach (var (node, sum) in own)
            {
                var part = sum is null ? null : Part(sum, chunk, owner);
                if (owner == mine)
                {
                    _ownChunks[chunk].Put(node, part);
                }
                else
                {
                    communicator.Send(owner, communicator.Compose(MessageKind.Contribution, chunk, node, Element.Of<T>(), part));
                }
            }

            // A rank without shards finishes a chunk when the last part of others comes.
            if (owner == mine && own.Count > 0)
            {
                PublishIfFinished(chunk, result);
            }
        }

        // 3. Take what comes, in any order: the tree decides who is added to whom.
        while (communicator.IsWaiting)
        {
            var (from, message) = communicator.Receive();
            Take(from, message, result);
        }

        if (_nothingContributed)
        {
            throw new InvalidOperationException($"{operation}: no shard of any rank contributed, so there is no sum.");
        }
    }

    private void Take(int from, ExchangeMessage message, Span<T> result)
    {
        Check(from, message);
        communicator.Accept(from, message);
        communicator.Kill?.Reach(communicator, operation, KillPhase.AfterFirstChunk);
        if (message.Kind == MessageKind.Contribution)
        {
            TreeOf(message.Chunk).Put(message.Node, message.Payload);
            if (_revoked)
            {
                throw communicator.Distrust(from, "it or another rank gave up while its sums were added");
            }

            PublishIfFinished(message.Chunk, result);
        }
        else
        {
            Write(message.Chunk, message.Payload, result);
        }
    }

    /// <summary>A part of this rank's sum for the owner of the chunk: the buffer itself, or a copy where the owner reads shared memory.</summary>
    private Payload Part(T[] sum, int chunk, int owner)
    {
        var range = _layout.RangeOf(chunk);
        if (owner == communicator.Rank || communicator.RentShared(owner, _layout.LengthOf(chunk) * Element.SizeOf<T>()) is not { } copy)
        {
            return Payload.Lend(sum, range, _loan);
        }

        sum.AsSpan(range).CopyTo(copy.As<T>());
        return copy;
    }

    private ReductionTree<Payload> TreeOf(int chunk)
    {
        if (!_ownChunks.TryGetValue(chunk, out var tree))
        {
            tree = new ReductionTree<Payload>(Add);
            tree.PutAbsent(_padding);
            _ownChunks.Add(chunk, tree);
        }

        return tree;
    }

    /// <summary>Left + right, over one of them where that is this rank's to write.</summary>
    private Payload Add(Payload left, Payload right)
    {
        var sum = left.IsWritable ? left : right.IsWritable ? right : communicator.RentSum(left.Length);
        TensorPrimitives.Add<T>(left.As<T>(), right.As<T>(), sum.As<T>());
        _revoked |= left.IsRevoked || right.IsRevoked;
        if (left != sum)
        {
            left.Release();
        }

        if (right != sum)
        {
            right.Release();
        }

        return sum;
    }

    /// <summary>A sum that consists of one contribution alone is still another's.</summary>
    private Payload Own(Payload sum)
    {
        if (sum.IsWritable)
        {
            return sum;
        }

        var own = communicator.RentSum(sum.Length);
        sum.Bytes.CopyTo(own.Bytes);
        _revoked |= sum.IsRevoked;
        sum.Release();
        return _revoked ? throw new InvalidOperationException("a rank gave up while its sums were copied") : own;
    }

    private void PublishIfFinished(int chunk, Span<T> result)
    {
        if (!_ownChunks[chunk].IsFinished(_root, out var sum))
        {
            return;
        }

        if (sum is not null && (communicator.Size > 1 || communicator.Fault is not null))
        {
            sum = Own(sum);
        }

        if (sum is not null && communicator.Fault is { } fault)
        {
            fault.FlipSum(communicator, operation, _layout.RangeOf(chunk), sum.As<T>());
        }

        sum?.AddReferences(communicator.Size - 1);
        var message = communicator.Compose(MessageKind.Result, chunk, _root, Element.Of<T>(), sum);
        for (var rank = 0; rank < communicator.Size; rank++)
        {
            if (rank != communicator.Rank)
            {
                communicator.Send(rank, message);
            }
        }

        Write(chunk, sum, result);
    }

    private void Write(int chunk, Payload? sum, Span<T> result)
    {
        _finished++;
        if (sum is null)
        {
            _nothingContributed = true;
            return;
        }

        sum.As<T>().CopyTo(result[_layout.RangeOf(chunk)]);
        sum.Release();
    }

    /// <summary>Believes nothing: kind, chunk, node, element type and length must be what this rank expects of that peer.</summary>
    private void Check(int from, ExchangeMessage message)
    {
        var chunkExists = message.Chunk >= 0 && message.Chunk < _layout.Count;
        var expected = message.Kind switch
        {
            MessageKind.Contribution => chunkExists && _layout.OwnerOf(message.Chunk) == communicator.Rank
                && _nodesOfRanks[from].Contains(message.Node),
            MessageKind.Result => chunkExists && _layout.OwnerOf(message.Chunk) == from && message.Node == _root,
            _ => false,
        };
        if (!expected)
        {
            throw communicator.Distrust(from, $"it sent {message.Kind} of chunk {message.Chunk}, {message.Node}, which is not its part of {totalShards} shards");
        }

        var bytes = _layout.LengthOf(message.Chunk) * Element.SizeOf<T>();
        if (message.Element != Element.Of<T>() || (message.Payload is { } payload && payload.Length != bytes))
        {
            throw communicator.Distrust(
                from,
                $"it sent {message.Payload?.Length ?? 0} bytes of {message.Element} for chunk {message.Chunk}, expected {bytes} of {Element.Of<T>()}");
        }
    }
}
