using System.Numerics;

namespace DivCo.Collectives;

/// <summary>The shape of the reduction: which aligned nodes a range of shards consists of.</summary>
internal static class ReductionTree
{
    /// <summary>The fewest aligned nodes that make up [start, end), in order: at most 2 log2(end - start) of them.</summary>
    public static TreeNode[] Decompose(int start, int end)
    {
        var nodes = new List<TreeNode>();
        while (start < end)
        {
            var fits = 1 << BitOperations.Log2((uint)(end - start));
            var aligned = start == 0 ? fits : start & -start;
            var node = new TreeNode(start, Math.Min(aligned, fits));
            nodes.Add(node);
            start += node.Size;
        }

        return [.. nodes];
    }

    public static TreeNode[] Decompose(ShardRange range) => Decompose(range.Start, range.End);

    /// <summary>The leaves of the tree over <paramref name="shards"/> shards that do not exist.</summary>
    public static TreeNode[] Padding(int shards) => Decompose(shards, TreeNode.Root(shards).Size);
}

/// <summary>
/// Sums along one binary tree over shard indices, whatever order the parts come in: two siblings are added as soon as both
/// are there, left + right. An absent node (null) adds nothing: its sibling passes up unchanged, since + 0.0 would turn
/// -0.0 into +0.0. Floating-point addition is not associative, but the tree decides every pair, so the bits of a node's sum
/// depend on nothing but its leaves.
/// </summary>
/// <param name="add">Adds two sums, left and right; it takes both and may return one of them.</param>
internal sealed class ReductionTree<TSum>(Func<TSum, TSum, TSum> add) where TSum : class
{
    private readonly List<(TreeNode Node, TSum? Sum)> _nodes = [];

    /// <summary>What is not yet joined to its sibling.</summary>
    public IReadOnlyList<(TreeNode Node, TSum? Sum)> Nodes => _nodes;

    public void Put(TreeNode node, TSum? sum)
    {
        while (TryTake(node.Sibling, out var sibling))
        {
            var (left, right) = node.IsLeft ? (sum, sibling) : (sibling, sum);
            sum = left is not null && right is not null ? add(left, right) : left ?? right;
            node = node.Parent;
        }

        _nodes.Add((node, sum));
    }

    /// <summary>Puts nodes that do not contribute.</summary>
    public void PutAbsent(ReadOnlySpan<TreeNode> nodes)
    {
        foreach (var node in nodes)
        {
            Put(node, null);
        }
    }

    /// <summary>Whether the sum at <paramref name="root"/> is known; null then still says that no leaf contributed.</summary>
    public bool IsFinished(TreeNode root, out TSum? sum)
    {
        var finished = _nodes.Count == 1 && _nodes[0].Node == root;
        sum = finished ? _nodes[0].Sum : null;
        return finished;
    }

    public void Clear() => _nodes.Clear();

    private bool TryTake(TreeNode node, out TSum? sum)
    {
        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            if (_nodes[i].Node == node)
            {
                sum = _nodes[i].Sum;
                _nodes.RemoveAt(i);
                return true;
            }
        }

        sum = null;
        return false;
    }
}
