using System.Runtime.InteropServices;

namespace DivCo.Collectives.Tests;

public sealed class ReductionTreeTests
{
    [Fact]
    public void A_range_decomposes_into_the_fewest_aligned_nodes()
    {
        for (var start = 0; start <= 64; start++)
        {
            for (var end = start; end <= 64; end++)
            {
                var nodes = ReductionTree.Decompose(start, end);
                Assert.All(nodes, node => Assert.True(node.IsValid));
                Assert.Equal(Enumerable.Range(start, end - start), nodes.SelectMany(n => Enumerable.Range(n.Start, n.Size)));

                // Fewest: no two are siblings, which is what makes the decomposition unique.
                Assert.DoesNotContain(nodes, node => nodes.Contains(node.Sibling));
                Assert.True(nodes.Length <= Math.Max(1, 2 * Math.Log2(Math.Max(1, end - start))));
            }
        }
    }

    [Fact]
    public void Every_split_and_any_absent_shards_give_the_bits_of_the_naive_tree()
    {
        for (var shards = 1; shards <= 16; shards++)
        {
            var leaves = Leaves.Draw(shards, length: 3, seed: shards);
            // Every set of absent shards up to 12; above, every 13th of the sets, of which there are 65,536 for 16 shards.
            for (var present = 0; present < 1 << shards; present += shards <= 12 ? 1 : 13)
            {
                var contributing = new float[]?[shards];
                for (var shard = 0; shard < shards; shard++)
                {
                    contributing[shard] = (present >> shard & 1) == 1 ? leaves[shard] : null;
                }

                var expected = NaiveTree.Sum(contributing);
                for (var workers = 1; workers <= shards; workers++)
                {
                    // Very many cases: the assertion library is only asked where something is wrong.
                    var sum = SumOf(contributing, workers);
                    if (!SameBits(expected, sum))
                    {
                        Assert.Fail($"{workers} workers, {shards} shards, present {present:b}: {Text(sum)}, expected {Text(expected)}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Parts_may_come_in_any_order()
    {
        const int Shards = 13;
        var expected = NaiveTree.Sum(Leaves.Draw(Shards, length: 3, seed: 1))!.Bits();
        for (var seed = 0; seed < 1000; seed++)
        {
            var tree = new ReductionTree<float[]>(Add);
            var parts = Enumerable.Range(0, Shards).Zip(Leaves.Draw(Shards, length: 3, seed: 1)).ToArray();
            new Random(seed).Shuffle(parts);
            tree.PutAbsent(ReductionTree.Padding(Shards));
            foreach (var (shard, leaf) in parts)
            {
                tree.Put(TreeNode.Leaf(shard), leaf);
            }

            Assert.True(tree.IsFinished(TreeNode.Root(Shards), out var sum));
            Assert.Equal(expected, sum!.Bits());
        }
    }

    private static float[]? SumOf(float[]?[] leaves, int workers)
    {
        var whole = new ReductionTree<float[]>(Add);
        for (var rank = workers - 1; rank >= 0; rank--)
        {
            var range = ShardRanges.Of(leaves.Length, workers, rank);
            var own = new ReductionTree<float[]>(Add);
            for (var shard = range.Start; shard < range.End; shard++)
            {
                own.Put(TreeNode.Leaf(shard), leaves[shard]);
            }

            foreach (var (node, sum) in own.Nodes)
            {
                whole.Put(node, sum);
            }
        }

        whole.PutAbsent(ReductionTree.Padding(leaves.Length));
        return whole.IsFinished(TreeNode.Root(leaves.Length), out var result) ? result : throw new InvalidOperationException("The tree is not finished.");
    }

    private static float[] Add(float[] left, float[] right) => [left[0] + right[0], left[1] + right[1], left[2] + right[2]];

    private static bool SameBits(float[]? left, float[]? right) =>
        left is null || right is null ? left is null && right is null
            : MemoryMarshal.Cast<float, int>(left).SequenceEqual(MemoryMarshal.Cast<float, int>(right));

    private static string Text(float[]? sum) => sum is null ? "absent" : string.Join(' ', sum);
}
