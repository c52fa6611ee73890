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
    public void Every_split_and_every_set_of_absent_shards_gives_the_bits_of_the_naive_tree()
    {
        for (var shards = 1; shards <= 16; shards++)
        {
            var leaves = Leaves.Draw(shards, length: 3, seed: shards);
            for (var present = 0; present < 1 << shards; present++)
            {
                var contributing = new float[]?[shards];
                for (var shard = 0; shard < shards; shard++)
                {
                    contributing[shard] = (present >> shard & 1) == 1 ? leaves[shard] : null;
                }

                var expected = NaiveTree.Sum(contributing)?.Bits();
                for (var workers = 1; workers <= shards; workers++)
                {
                    Assert.Equal(expected, SumOf(contributing, workers)?.Bits());
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
        Assert.True(whole.IsFinished(TreeNode.Root(leaves.Length), out var result));
        return result;
    }

    private static float[] Add(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a + b)];
}
