using System.Numerics;

namespace DivCo.Collectives.Tests;

public sealed class ShardStackTests
{
    [Fact]
    public void What_is_left_are_the_fewest_nodes_with_the_naive_sums()
    {
        for (var start = 0; start < 16; start++)
        {
            for (var count = 1; count <= 16; count++)
            {
                var leaves = Leaves.Draw(count, length: 5, seed: (start * 16) + count);
                var stack = new ShardStack<float>(5);
                Push(stack, start, leaves);

                var expected = ReductionTree.Decompose(start, start + count);
                Assert.Equal(expected, stack.Nodes.Select(n => n.Node));
                Assert.All(stack.Nodes, n =>
                    Assert.Equal(NaiveTree.Sum(leaves[(n.Node.Start - start)..][..n.Node.Size])!.Bits(), n.Sum.ToArray().Bits()));
            }
        }
    }

    [Fact]
    public void Buffers_grow_with_the_logarithm_of_the_shards_and_are_kept()
    {
        for (var start = 0; start < 70; start++)
        {
            for (var count = 1; count <= 70; count++)
            {
                var stack = new ShardStack<float>(1);
                Push(stack, start, Leaves.Draw(count, length: 1, seed: 0));
                var log = BitOperations.Log2((uint)count);
                Assert.InRange(stack.Buffers, 1, start == 0 ? log + 2 : (2 * log) + 2);

                var buffers = stack.Buffers;
                stack.Clear();
                Push(stack, start, Leaves.Draw(count, length: 1, seed: 0));
                Assert.Equal(buffers, stack.Buffers);
            }
        }
    }

    [Fact]
    public void An_absent_shard_is_not_a_zero()
    {
        var stack = new ShardStack<double>(1);
        stack.Push(0, [-0.0]);
        stack.PushAbsent(1);
        stack.PushAbsent(2);
        stack.PushAbsent(3);
        var (node, sum) = Assert.Single(stack.Nodes);
        Assert.Equal(new TreeNode(0, 4), node);
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(sum.Span[0]));
    }

    [Fact]
    public void Shards_come_in_order_and_buffers_have_one_length()
    {
        var stack = new ShardStack<float>(2);
        stack.Push(3, stack.Rent());
        Assert.Contains("allowed: 4", Assert.Throws<ArgumentException>(() => stack.PushAbsent(5)).Message);
        Assert.Contains("buffers of 2", Assert.Throws<ArgumentException>(() => stack.Push(4, new float[3])).Message);
        Assert.Throws<NotSupportedException>(() => new ShardStack<int>(1));
    }

    private static void Push(ShardStack<float> stack, int start, float[][] leaves)
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            var buffer = stack.Rent();
            leaves[i].CopyTo(buffer, 0);
            stack.Push(start + i, buffer);
        }
    }
}
