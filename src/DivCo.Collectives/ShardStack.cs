using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Numerics.Tensors;

namespace DivCo.Collectives;

/// <summary>
/// The sums of one rank's shards, kept as a binary counter: shards are pushed in order, and two aligned subtrees of equal
/// size are added at once. What is left are the sums of the fewest aligned nodes that cover the range, ready for
/// <see cref="Communicator.AllReduce{T}"/>. Buffers are pooled: for n shards from an aligned start at most floor(log2 n) + 2 exist,
/// from any start at most 2 floor(log2 n) + 2.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is a stack: shards are pushed, and the top two are added.")]
public sealed class ShardStack<T> where T : unmanaged, INumber<T>
{
    private readonly Stack<T[]> _free = new();
    private readonly ReductionTree<T[]> _tree;

    /// <param name="length">Elements of each buffer.</param>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public ShardStack(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _ = Element.Of<T>();
        Length = length;
        _tree = new ReductionTree<T[]>(Add);
    }

    /// <summary>Elements of each buffer.</summary>
    public int Length { get; }

    /// <summary>The shards pushed since the last <see cref="Clear"/>, absent ones included.</summary>
    public ShardRange Range { get; private set; }

    /// <summary>The sums of the nodes that contribute, by first shard. Valid until the next push or clear.</summary>
    public IReadOnlyList<(TreeNode Node, ReadOnlyMemory<T> Sum)> Nodes =>
        [.. _tree.Nodes.Where(n => n.Sum is not null).Select(n => (n.Node, (ReadOnlyMemory<T>)n.Sum))];

    /// <summary>How many buffers exist, free ones included.</summary>
    internal int Buffers { get; private set; }

    /// <summary>All nodes of the range; null marks one that no shard contributed to.</summary>
    internal IReadOnlyList<(TreeNode Node, T[]? Sum)> AllNodes => _tree.Nodes;

    /// <summary>
    /// A buffer of <see cref="Length"/> elements for one shard, with undefined contents. It is pinned, so native code may
    /// write it through a pointer. Push it, or hand it back by <see cref="Return"/>.
    /// </summary>
    public T[] Rent()
    {
        if (_free.TryPop(out var buffer))
        {
            return buffer;
        }

        Buffers++;
        return GC.AllocateUninitializedArray<T>(Length, pinned: true);
    }

    /// <summary>Hands a rented buffer back that is not going to be pushed.</summary>
    public void Return(T[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        CheckLength(buffer);
        _free.Push(buffer);
    }

    /// <summary>Adds the buffer of the next shard and takes it over.</summary>
    /// <exception cref="ArgumentException">The shard is not the one after the last, or the buffer is not of <see cref="Length"/>.</exception>
    public void Push(int shard, T[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        CheckLength(buffer);
        Extend(shard);
        _tree.Put(TreeNode.Leaf(shard), buffer);
    }

    /// <summary>Says that the next shard does not contribute, which is not the same as contributing zeros.</summary>
    /// <exception cref="ArgumentException">The shard is not the one after the last.</exception>
    public void PushAbsent(int shard)
    {
        Extend(shard);
        _tree.Put(TreeNode.Leaf(shard), null);
    }

    /// <summary>Forgets all shards and keeps the buffers for the next update.</summary>
    public void Clear()
    {
        foreach (var (_, sum) in _tree.Nodes)
        {
            if (sum is not null)
            {
                _free.Push(sum);
            }
        }

        _tree.Clear();
        Range = default;
    }

    private T[] Add(T[] left, T[] right)
    {
        TensorPrimitives.Add<T>(left, right, left);
        _free.Push(right);
        return left;
    }

    private void Extend(int shard)
    {
        if (shard < 0 || shard >= ShardRanges.MaxShards || (Range.Count > 0 && shard != Range.End))
        {
            var allowed = Range.Count > 0 ? $"{Range.End}" : $"0 to {ShardRanges.MaxShards - 1}";
            throw new ArgumentException($"shard: {shard} was pushed after {Range}; allowed: {allowed}.", nameof(shard));
        }

        Range = Range.Count == 0 ? new ShardRange(shard, 1) : Range with { Count = Range.Count + 1 };
    }

    private void CheckLength(T[] buffer)
    {
        if (buffer.Length != Length)
        {
            throw new ArgumentException($"buffer: has {buffer.Length} elements; this stack sums buffers of {Length}.", nameof(buffer));
        }
    }
}
