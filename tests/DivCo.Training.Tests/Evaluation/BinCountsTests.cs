using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class BinCountsTests
{
    private static readonly int[] First = [300, 250, 200, 150, 100];
    private static readonly int[] Second = [165, 110, 125, 0, 100];

    [Fact]
    public void Scores_count_and_divergence_are_the_reference_s()
    {
        double[] expected = [-1.184282, 1.282473, -2.215848, 9.128709, -5.370862];
        Assert.All(expected.Zip(BinCounts.Scores(First, Second)), pair => Assert.Equal(pair.First, pair.Second, 5e-7));
        Assert.Equal(3, BinCounts.StatisticallyDifferent(First, Second));
        Assert.Equal(0.062709078235, BinCounts.JensenShannonDivergence(First, Second), 1e-12);
    }

    [Fact]
    public void The_level_of_significance_is_that_of_two_tails()
    {
        // p of |z| = 1.184, 1.282, 2.216, 5.371, 9.129: 0.236, 0.200, 0.0267, below 1e-7 (tables of the normal distribution).
        Assert.Equal(
            [5, 4, 3, 2],
            new[] { 0.24, 0.21, 0.027, 0.026 }.Select(significance => BinCounts.StatisticallyDifferent(First, Second, significance)));
    }

    [Fact]
    public void Equal_proportions_do_not_differ_and_disjoint_ones_do_in_full()
    {
        Assert.Equal(0, BinCounts.StatisticallyDifferent([10, 20], [100, 200]));
        Assert.Equal(0, BinCounts.JensenShannonDivergence([10, 20], [100, 200]), 1e-15);
        Assert.Equal(Math.Log(2), BinCounts.JensenShannonDivergence([5, 0, 5], [0, 9, 0]), 1e-15);
    }

    [Fact]
    public void A_bin_of_nothing_or_of_everything_is_not_counted()
    {
        Assert.Equal(double.NaN, BinCounts.Scores([10, 0], [20, 0])[1]);
        Assert.Equal(0, BinCounts.StatisticallyDifferent([10, 0], [20, 0]));
    }

    [Fact]
    public void Counts_that_cannot_be_compared_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BinCounts.Scores([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => BinCounts.Scores([-1, 2], [1, 2]));
        Assert.Throws<ArgumentException>(() => BinCounts.JensenShannonDivergence([0, 0], [1, 2]));
    }
}
