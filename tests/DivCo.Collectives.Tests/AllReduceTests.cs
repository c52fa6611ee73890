namespace DivCo.Collectives.Tests;

public sealed class AllReduceTests
{
    [Fact]
    public void Any_number_of_ranks_gives_the_bits_of_the_naive_tree()
    {
        const int Length = 7;
        for (var shards = 1; shards <= 16; shards++)
        {
            var leaves = Leaves.Draw(shards, Length, seed: shards);
            var expected = NaiveTree.Sum(leaves)!.Bits();
            for (var size = 1; size <= shards + 1; size++)
            {
                Assert.All(Ranks.RunLocally(size, c => c.AllReduce(new Operation(0, 0), leaves, Length)), r => Assert.Equal(expected, r.Bits()));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(65_536)]
    [InlineData(300_001)]
    public void Chunks_do_not_touch_the_bits(int length)
    {
        var leaves = Leaves.Draw(5, length, seed: length);
        leaves[2] = null!;
        var expected = NaiveTree.Sum(leaves)!.Bits();
        foreach (var size in (int[])[1, 2, 3, 5])
        {
            Assert.All(Ranks.RunLocally(size, c => c.AllReduce(new Operation(0, 0), leaves, length)), r => Assert.Equal(expected, r.Bits()));
        }
    }

    [Fact]
    public void Absent_shards_leave_negative_zeros_alone()
    {
        float[]?[] leaves = [null, [-0.0f], null, null, [-0.0f], null];
        for (var size = 1; size <= 6; size++)
        {
            Assert.All(
                Ranks.RunLocally(size, c => c.AllReduce(new Operation(0, 0), leaves, 1)),
                r => Assert.Equal(BitConverter.SingleToInt32Bits(-0.0f), BitConverter.SingleToInt32Bits(r[0])));
        }
    }

    [Fact]
    public void Doubles_are_summed_as_doubles()
    {
        var results = Ranks.RunLocally(2, communicator =>
        {
            var stack = new ShardStack<double>(1);
            stack.Push(communicator.Rank, [communicator.Rank == 0 ? 1e17 : 3.0]);
            var sum = new double[1];
            communicator.AllReduce(new Operation(0, 0), stack, 2, sum);
            return sum[0];
        });
        Assert.All(results, r => Assert.Equal(1e17 + 3.0, r));
    }

    [Fact]
    public void A_hundred_operations_follow_one_another()
    {
        const int Length = 2000;
        var leaves = Leaves.Draw(7, Length, seed: 1);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        var wrong = Ranks.RunLocally(3, communicator => Enumerable.Range(0, 100)
            .Count(i => !communicator.AllReduce(new Operation(i / 2, i % 2), leaves, Length).Bits().SequenceEqual(expected)));
        Assert.All(wrong, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Where_nobody_contributes_every_rank_is_told()
    {
        var errors = Ranks.RunLocally(3, communicator =>
            Assert.Throws<InvalidOperationException>(() => communicator.AllReduce(new Operation(0, 0), new float[]?[3], 1)));
        Assert.All(errors, error => Assert.Contains("no shard", error.Message));
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(2), 1, ExchangeTimeouts.Default, CancellationToken.None);
        var stack = new ShardStack<float>(1);
        stack.PushAbsent(0);
        Assert.Contains("must bring shards 1 to 1", Assert.Throws<ArgumentException>(() => communicator.AllReduce(default, stack, 2, new float[1])).Message);
        stack.Clear();
        stack.PushAbsent(1);
        Assert.Contains("result: has 2", Assert.Throws<ArgumentException>(() => communicator.AllReduce(default, stack, 2, new float[2])).Message);
    }
}
