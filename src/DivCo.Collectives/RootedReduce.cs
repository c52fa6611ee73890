using System.Numerics;
using System.Numerics.Tensors;

namespace DivCo.Collectives;

/// <summary>The sum of a part of the buffer on one rank alone: along the tree of the all-reduce, so with its bits.</summary>
/// <param name="start">The part's first element.</param>
/// <param name="length">The part's elements, as many as one message carries or fewer.</param>
/// <param name="root">The rank that gets the sum.</param>
internal sealed class RootedReduce<T>(Communicator communicator, Operation operation, int totalShards, int start, int length, int root)
    where T : unmanaged, INumber<T>
{
    private readonly TreeNode[][] _nodesOfRanks = communicator.NodesOfRanks(totalShards);

    public T[]? Run(IReadOnlyList<(TreeNode Node, T[]? Sum)> own)
    {
        if (communicator.Rank == root)
        {
            return Sum(own);
        }

        foreach (var (node, sum) in own)
        {
            var part = sum is null ? null : Payload.CopyOf<T>(sum.AsSpan(start, length));
            communicator.Send(root, communicator.Compose(MessageKind.Contribution, 0, node, Element.Of<T>(), part));
        }

        return null;
    }

    private static T[] Add(T[] left, T[] right)
    {
        TensorPrimitives.Add<T>(left, right, left);
        return left;
    }

    private T[] Sum(IReadOnlyList<(TreeNode Node, T[]? Sum)> own)
    {
        var tree = new ReductionTree<T[]>(Add);
        tree.PutAbsent(ReductionTree.Padding(totalShards));
        foreach (var (node, sum) in own)
        {
            tree.Put(node, sum?.AsSpan(start, length).ToArray());
        }

        for (var rank = 0; rank < communicator.Size; rank++)
        {
            if (rank != root)
            {
                communicator.Expect(rank, _nodesOfRanks[rank].Length);
            }
        }

        while (communicator.IsWaiting)
        {
            var (from, message) = communicator.Receive();
            Check(from, message);
            communicator.Accept(from, message);
            tree.Put(message.Node, message.Payload?.As<T>().ToArray());
            message.Payload?.Release();
        }

        return tree.IsFinished(TreeNode.Root(totalShards), out var total) && total is not null
            ? total
            : throw new InvalidOperationException($"{operation}: no shard of any rank contributed, so there is no sum.");
    }

    private void Check(int from, ExchangeMessage message)
    {
        if (message.Kind != MessageKind.Contribution || message.Chunk != 0 || !_nodesOfRanks[from].Contains(message.Node))
        {
            throw communicator.Distrust(from, $"it sent {message.Kind} of chunk {message.Chunk}, {message.Node}, which is not its part of {totalShards} shards");
        }

        var bytes = length * Element.SizeOf<T>();
        if (message.Element != Element.Of<T>() || (message.Payload is { } payload && payload.Length != bytes))
        {
            throw communicator.Distrust(
                from, $"it sent {message.Payload?.Length ?? 0} bytes of {message.Element}, expected {bytes} of {Element.Of<T>()}");
        }
    }
}
