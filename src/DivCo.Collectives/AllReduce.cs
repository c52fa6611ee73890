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
    private readonly ChunkLayout _layout = new(length, Element.SizeOf<T>(), communicator.Size);
    private readonly TreeNode _root = TreeNode.Root(totalShards);
    private readonly TreeNode[] _padding = ReductionTree.Padding(totalShards);
    private readonly TreeNode[][] _nodesOfRanks = communicator.NodesOfRanks(totalShards);
    private readonly Dictionary<int, ReductionTree<Payload>> _ownChunks = [];
    private bool _nothingContributed;

    public void Run(IReadOnlyList<(TreeNode Node, T[]? Sum)> own, Span<T> result)
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

        // 2. Bring my node sums to the owners of the chunks, myself among them.
        for (var chunk = 0; chunk < _layout.Count; chunk++)
        {
            var owner = _layout.OwnerOf(chunk);
            if (owner == mine)
            {
                var tree = new ReductionTree<Payload>(Add);
                tree.PutAbsent(_padding);
                _ownChunks.Add(chunk, tree);
            }

            foreach (var (node, sum) in own)
            {
                var part = sum is null ? null : Payload.CopyOf<T>(sum.AsSpan(_layout.RangeOf(chunk)));
                if (owner == mine)
                {
                    _ownChunks[chunk].Put(node, part);
                }
                else
                {
                    communicator.Send(owner, communicator.Compose(MessageKind.Contribution, chunk, node, Element.Of<T>(), part));
                }
            }

            if (owner == mine)
            {
                PublishIfFinished(chunk, result);
            }
        }

        // 3. Take what comes, in any order: the tree decides who is added to whom.
        while (communicator.IsWaiting)
        {
            var (from, message) = communicator.Receive();
            Check(from, message);
            communicator.Accept(from, message);
            communicator.Kill?.Reach(communicator, operation, KillPhase.AfterFirstChunk);
            if (message.Kind == MessageKind.Contribution)
            {
                _ownChunks[message.Chunk].Put(message.Node, message.Payload);
                PublishIfFinished(message.Chunk, result);
            }
            else
            {
                Write(message.Chunk, message.Payload, result);
            }
        }

        if (_nothingContributed)
        {
            throw new InvalidOperationException($"{operation}: no shard of any rank contributed, so there is no sum.");
        }
    }

    private static Payload Add(Payload left, Payload right)
    {
        TensorPrimitives.Add<T>(left.As<T>(), right.As<T>(), left.As<T>());
        right.Release();
        return left;
    }

    private void PublishIfFinished(int chunk, Span<T> result)
    {
        if (!_ownChunks[chunk].IsFinished(_root, out var sum))
        {
            return;
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
