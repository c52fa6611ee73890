using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class SampleBinsTests
{
    private static readonly int[] Training = [400, 300, 200, 100];
    private static readonly int[] Generated = [50, 200, 0, 250];

    /// <summary>Clusters far apart: which sample belongs where is known, and so are counts, tests and divergence.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mixture_falls_into_its_components(bool whitening)
    {
        var bins = new SampleBins(Mixture(Training, 6, seed: 1), bins: 4, seed: 5, whitening);
        Assert.Equal(Training, bins.TrainingCounts);
        int[] counts = bins.Count(bins.Assign(Mixture(Generated, 6, seed: 2)));
        Assert.Equal(Generated, counts);

        // z of the four bins by hand: 11.8, -3.9, 10.7, -17.9 standard deviations.
        Assert.Equal(4, BinCounts.StatisticallyDifferent(bins.TrainingCounts, counts));
        double[] p = [0.4, 0.3, 0.2, 0.1], q = [0.1, 0.4, 0, 0.5];
        double divergence = p.Zip(q, (a, b) => 0.5 * ((a * Math.Log(2 * a / (a + b))) + (b > 0 ? b * Math.Log(2 * b / (a + b)) : 0))).Sum();
        Assert.Equal(divergence, BinCounts.JensenShannonDivergence(bins.TrainingCounts, counts), 1e-12);
    }

    [Fact]
    public void The_same_mixture_again_does_not_differ()
    {
        var bins = new SampleBins(Mixture(Training, 6, seed: 1), bins: 4, seed: 5);
        Assert.Equal(0, BinCounts.StatisticallyDifferent(bins.TrainingCounts, bins.Count(bins.Assign(Mixture(Training, 6, seed: 9)))));
    }

    [Fact]
    public void Whitening_makes_dimensions_count_alike()
    {
        // Two clusters that differ by 1 in the second dimension, while the first spreads over hundreds.
        var random = new Random(1);
        var rows = new FeatureRows(Enumerable.Range(0, 400).SelectMany(i => new[] { (float)(random.NextDouble() * 500), i % 2 }).ToArray(), 2);
        Assert.NotEqual(2, Pure(new SampleBins(rows, bins: 2, seed: 1, whitening: false)));
        Assert.Equal(2, Pure(new SampleBins(rows, bins: 2, seed: 1, whitening: true)));

        int Pure(SampleBins bins) => bins.Assign(new FeatureRows(new float[] { 250, 0, 250, 1 }, 2)).Distinct().Count();
    }

    [Fact]
    public void Of_many_dimensions_a_random_sixth_is_used()
    {
        Assert.Equal(Enumerable.Range(0, 1000), SampleBins.Dimensions(1000, seed: 1));
        int[] some = SampleBins.Dimensions(3072, seed: 1);
        Assert.Equal(512, some.Distinct().Count(dimension => dimension is >= 0 and < 3072));
        Assert.NotEqual(some, SampleBins.Dimensions(3072, seed: 2));
        float[] projected = new float[2];
        SampleBins.Project([5, 6, 7], [2, 0], projected);
        Assert.Equal([7, 5], projected);
    }

    [Fact]
    public void K_means_finds_the_best_of_all_partitions()
    {
        var rows = RandomRows.Of(9, length: 2, seed: 11);
        double best = Enumerable.Range(1, (1 << 8) - 1).Min(partition => Inertia(rows, row => (partition >> row) & 1));
        var found = KMeans.Of(rows, clusters: 2, starts: 20, maxIterations: 100, seed: 3);
        Assert.Equal(best, found.Inertia, 1e-5);
        Assert.Equal(found.Inertia, Inertia(rows, row => found.Assignment[row]), 1e-5);
        Assert.Equal(found.Assignment, KMeans.Of(rows, clusters: 2, starts: 20, maxIterations: 100, seed: 3).Assignment);
    }

    [Fact]
    public void As_many_clusters_as_rows_leave_nothing_and_more_are_refused()
    {
        var rows = RandomRows.Of(5, length: 2, seed: 2);
        Assert.Equal(0, KMeans.Of(rows, clusters: 5, starts: 1, maxIterations: 10, seed: 1).Inertia, 1e-9);
        Assert.Throws<ArgumentOutOfRangeException>(() => KMeans.Of(rows, clusters: 6, starts: 1, maxIterations: 10, seed: 1));
    }

    private static double Inertia(FeatureRows rows, Func<int, int> clusterOf) => Enumerable.Range(0, rows.Count).GroupBy(clusterOf).Sum(cluster =>
        Enumerable.Range(0, rows.Length).Sum(i =>
        {
            double mean = cluster.Average(row => (double)rows.Row(row)[i]);
            return cluster.Sum(row => Math.Pow(rows.Row(row)[i] - mean, 2));
        }));

    private static FeatureRows Mixture(int[] counts, int length, int seed)
    {
        float[] noise = RandomRows.Of(counts.Sum(), length, seed).Values.ToArray();
        int row = 0;
        for (int component = 0; component < counts.Length; component++)
        {
            for (int i = 0; i < counts[component]; i++, row++)
            {
                for (int dimension = 0; dimension < length; dimension++)
                {
                    // Each pair of components differs in about half of the dimensions.
                    noise[(row * length) + dimension] += 20 * ((((component * 7) + 3) * (dimension + 5) / 3) % 4);
                }
            }
        }

        return new FeatureRows(noise, length);
    }
}
