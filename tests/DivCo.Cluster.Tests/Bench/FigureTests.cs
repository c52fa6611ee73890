using DivCo.Cluster.Bench;

namespace DivCo.Cluster.Tests.Bench;

public sealed class FigureTests
{
    [Fact]
    public void A_median_lies_in_the_middle_and_the_spread_a_tenth_from_the_ends()
    {
        Assert.Equal(new Spread(5, 1, 9, 11), Spread.Of([10, 0, 9, 1, 8, 2, 7, 3, 6, 4, 5]));
        Assert.Equal(new Spread(1.5, 1.1, 1.9, 2), Spread.Of([2, 1]));
        Assert.Equal(new Spread(7, 7, 7, 1), Spread.Of([7]));
        Assert.Throws<ArgumentException>(() => Spread.Of([]));
    }

    /// <summary>The document of nccl-tests: 2 (n - 1) / n for an all-reduce.</summary>
    [Theory]
    [InlineData(2, 2.0)]
    [InlineData(4, 3.0)]
    [InlineData(8, 3.5)]
    public void Bandwidths_are_those_of_nccl_tests(int ranks, double bus)
    {
        Assert.Equal(2, Bandwidth.Algorithm(1L << 30, 0.5));
        Assert.Equal(bus, Bandwidth.BusOfAllReduce(1L << 30, 0.5, ranks), 12);
    }
}
