using System.Numerics;

namespace DivCo.Collectives;

/// <summary>
/// A node of the binary tree over shard indices: the subtree of leaves <paramref name="Start"/>, ...,
/// <c>Start + Size - 1</c>, where Size is a power of two and divides Start.
/// </summary>
/// <param name="Start">The first leaf.</param>
/// <param name="Size">How many leaves: a power of two.</param>
public readonly record struct TreeNode(int Start, int Size)
{
    public static TreeNode Leaf(int shard) => new(shard, 1);

    /// <summary>The root of the tree over [0, 2^ceil(log2 shards)).</summary>
    public static TreeNode Root(int shards) => new(0, (int)BitOperations.RoundUpToPowerOf2((uint)shards));

    /// <summary>Whether the numbers name a node at all; numbers from outside need not.</summary>
    public bool IsValid => Start >= 0 && Size > 0 && BitOperations.IsPow2(Size) && (Start & (Size - 1)) == 0 && Start <= int.MaxValue - Size;

    public bool IsLeft => (Start & Size) == 0;

    public TreeNode Sibling => new(Start ^ Size, Size);

    public TreeNode Parent => new(Start & ~Size, Size * 2);

    public override string ToString() => Size == 1 ? $"shard {Start}" : $"shards {Start} to {Start + Size - 1}";
}
