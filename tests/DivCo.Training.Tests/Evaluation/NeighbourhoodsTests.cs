using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

/// <summary>Precision, recall, density and coverage against their definitions, by sorting all distances.</summary>
public sealed class NeighbourhoodsTests
{
    [Theory]
    [InlineData(40, 30, 1, 3)]
    [InlineData(40, 30, 3, 3)]
    [InlineData(300, 270, 5, 8)]
    public void Precision_recall_density_and_coverage_are_those_of_brute_force(int reals, int fakes, int neighbours, int length)
    {
        var real = RandomRows.Normal(reals, length, seed: 1);
        var fake = new FeatureRows(RandomRows.Normal(fakes, length, seed: 2).Values.ToArray().Select(value => (0.7f * value) + 0.2f).ToArray(), length);
        var (realRadii, fakeRadii) = (Radii(real, neighbours), Radii(fake, neighbours));
        var realBalls = Neighbourhoods.Of(real, neighbours);
        Assert.All(realRadii.Zip(realBalls.SquaredRadii), pair => Assert.Equal(pair.First, pair.Second, 1e-9));

        var precisionRecall = PrecisionRecall.Of(realBalls, Neighbourhoods.Of(fake, neighbours));
        Assert.Equal(Share(fakes, f => Enumerable.Range(0, reals).Any(r => Distance(r, f) <= realRadii[r])), precisionRecall.Precision);
        Assert.Equal(Share(reals, r => Enumerable.Range(0, fakes).Any(f => Distance(r, f) <= fakeRadii[f])), precisionRecall.Recall);

        var densityCoverage = DensityCoverage.Of(realBalls, fake, neighbours);
        double inside = Enumerable.Range(0, fakes).Sum(f => Enumerable.Range(0, reals).Count(r => Distance(r, f) < realRadii[r]));
        Assert.Equal(inside / neighbours / fakes, densityCoverage.Density, 1e-12);
        Assert.Equal(Share(reals, r => Enumerable.Range(0, fakes).Any(f => Distance(r, f) < realRadii[r])), densityCoverage.Coverage);
        Assert.True(precisionRecall.Precision > precisionRecall.Recall); // the fakes are of a part of the real distribution

        double Distance(int r, int f) => RandomRows.SquaredDistance(real.Row(r), fake.Row(f));
    }

    [Fact]
    public void A_set_covers_itself_and_a_far_one_nothing()
    {
        var real = RandomRows.Of(20, length: 2, seed: 1);
        var far = new FeatureRows(real.Values.ToArray().Select(value => value + 100).ToArray(), 2);
        var balls = Neighbourhoods.Of(real, 3);
        Assert.Equal(new PrecisionRecall(1, 1), PrecisionRecall.Of(balls, balls));
        Assert.Equal(1, DensityCoverage.Of(balls, real, 3).Coverage);
        Assert.Equal(new PrecisionRecall(0, 0), PrecisionRecall.Of(balls, Neighbourhoods.Of(far, 3)));
        Assert.Equal(new DensityCoverage(0, 0), DensityCoverage.Of(balls, far, 3));
    }

    [Fact]
    public void More_neighbours_than_there_are_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Neighbourhoods.Of(RandomRows.Of(3, length: 2, seed: 1), 3));

    private static double[] Radii(FeatureRows rows, int neighbours) =>
    [
        .. Enumerable.Range(0, rows.Count).Select(row => Enumerable.Range(0, rows.Count)
            .Where(other => other != row)
            .Select(other => RandomRows.SquaredDistance(rows.Row(row), rows.Row(other)))
            .Order()
            .ElementAt(neighbours - 1)),
    ];

    private static double Share(int count, Func<int, bool> holds) => (double)Enumerable.Range(0, count).Count(holds) / count;
}
