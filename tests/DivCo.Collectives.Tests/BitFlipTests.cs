namespace DivCo.Collectives.Tests;

public sealed class BitFlipTests
{
    private const int Length = 20_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void It_touches_one_bit_of_one_sum_once_and_all_ranks_get_that_sum()
    {
        var leaves = Leaves.Draw(4, Length, seed: 1);
        var expected = NaiveTree.Sum(leaves)!;

        // Of three ranks rank 1 owns the second chunk.
        var sums = Run("device=silo/cpu001,update=7,bucket=2,element=9000", leaves);
        Assert.All(sums, rounds =>
        {
            Assert.Equal(expected.Bits(), rounds[0].Bits());
            Assert.Equal(expected.Bits(), rounds[2].Bits());
            var wrong = Assert.Single(Enumerable.Range(0, Length), i => BitConverter.SingleToInt32Bits(rounds[1][i]) != BitConverter.SingleToInt32Bits(expected[i]));
            Assert.Equal(9000, wrong);
        });
    }

    [Theory]
    [InlineData("device=silo/cpu000,update=7,bucket=2,element=9000")]
    [InlineData("device=silo/cpu001,update=7,bucket=3,element=9000")]
    [InlineData("device=silo/cpu001,update=6,bucket=2,element=9000")]
    [InlineData("device=silo/cpu001,update=7,shard=2")]
    public void It_leaves_all_else_alone(string fault)
    {
        var leaves = Leaves.Draw(4, Length, seed: 1);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        Assert.All(Run(fault, leaves), rounds => Assert.All(rounds, sum => Assert.Equal(expected, sum.Bits())));
    }

    [Fact]
    public void Of_a_shard_it_touches_what_one_device_computed_as_often_as_it_says()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, Cancellation);
        var fault = BitFlip.Parse("device=silo/cpu000,update=7,shard=3,times=2");
        (long, int)[] computed = [(6, 3), (7, 2), (7, 3), (7, 3), (7, 3)];
        Assert.Equal([false, false, true, true, false], computed.Select(Touches));

        bool Touches((long Update, int Shard) at)
        {
            float[] values = [1, 2];
            fault.FlipShard(communicator, at.Update, at.Shard, values);
            Assert.Equal(2, values[1]);
            Assert.True(float.IsFinite(values[0]));
            return values[0] != 1;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("device=a,update=1")]
    [InlineData("device=a,update=1,shard=1,element=2")]
    [InlineData("device=a,update=-1,shard=1")]
    [InlineData("device=a,update=1,shard=x")]
    [InlineData("device=a,device=b,update=1,shard=1")]
    [InlineData("device=a,update=1,shard=1,rate=1")]
    public void Anything_else_is_refused(string text)
    {
        var error = Assert.Throws<FormatException>(() => BitFlip.Parse(text));
        Assert.Contains("DIVCO_FAULT_FLIP", error.Message);
        Assert.Contains("allowed: device=<id>,update=<n>,shard=<s>", error.Message);
    }

    private static float[][][] Run(string fault, float[]?[] leaves)
    {
        var hub = new ExchangeHub { Fault = BitFlip.Parse(fault) };
        return Ranks.Run(3, rank =>
        {
            using var communicator = hub.Join(Ranks.LocalQuorum(3), rank, ExchangeTimeouts.Default, Cancellation);
            return ((Operation[])[new(7, 1), new(7, 2), new(8, 2)]).Select(operation => communicator.AllReduce(operation, leaves, Length)).ToArray();
        });
    }
}
