using DivCo.Collectives.Bench;

namespace DivCo.Collectives.Tests.Bench;

public sealed class RankBenchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void What_must_come_out_is_the_naive_tree(int ranks)
    {
        const int Length = 5000;
        var leaves = new BenchLeaves(ranks, Length);
        foreach (var operation in (int[])[0, 1, 1000])
        {
            var turned = Enumerable.Range(0, ranks).Select(rank =>
            {
                var buffer = new float[Length];
                BenchLeaves.Turn(BenchLeaves.Of(rank, Length), operation, buffer);
                return buffer;
            }).ToArray();
            var sum = (float[])NaiveTree.Sum(turned)!.Clone();
            Assert.True(leaves.IsSum(sum, operation));
            Assert.False(leaves.IsSum(sum, operation + 1));
            sum[^1] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(sum[^1]) ^ 1);
            Assert.False(leaves.IsSum(sum, operation));
        }
    }

    [Fact]
    public void Rounds_follow_one_another_and_time_every_operation()
    {
        using var bench = new RankBench(new ExchangeHub(), Ranks.LocalQuorum(3), 0, 3, 100_000);
        foreach (var operations in (int[])[1, 4])
        {
            var round = bench.AllReduce(operations);
            Assert.Equal(operations, round.Seconds.Count);
            Assert.All(round.Seconds, seconds => Assert.True(seconds > 0));
        }
    }

    [Fact]
    public void A_wrong_sum_is_found()
    {
        var hub = new ExchangeHub { Fault = BitFlip.Parse("device=silo/cpu000,update=1,bucket=1,element=3") };
        using var bench = new RankBench(hub, Ranks.LocalQuorum(2), 0, 2, 1000);
        bench.AllReduce(1);
        Assert.Contains("operation 1 is wrong", Assert.Throws<InvalidOperationException>(() => bench.AllReduce(1)).Message);
    }
}
