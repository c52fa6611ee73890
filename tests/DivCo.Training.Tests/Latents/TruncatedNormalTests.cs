using CsCheck;
using DivCo.Training.Latents;

namespace DivCo.Training.Tests.Latents;

public sealed class TruncatedNormalTests
{
    private const int Draws = 20_000;

    [Theory]
    [InlineData(0.001, 0)]
    [InlineData(0.1, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 0.7)]
    [InlineData(1, -1.3)]
    [InlineData(3, 0.2)]
    [InlineData(3, 3.5)]
    [InlineData(0.1, -5)]
    [InlineData(1, 8)]
    [InlineData(0.001, -38)]
    public void Draws_follow_the_truncated_normal_distribution(double radius, float query)
    {
        var stream = new PhiloxStream(11, StreamPurpose.Negative);
        var uniforms = new double[Draws];
        stream.Uniforms(0, 0, 0, uniforms);
        var distribution = new TruncatedNormal(query, radius);
        var drawn = uniforms.Select(u => (double)distribution.Quantile(u)).Order().ToArray();

        // Kolmogorov-Smirnov at the 0.1 % level.
        var distance = drawn.Select((n, i) => (F: ReferenceNormal.CdfOutside(n, query, radius), I: i))
            .Max(x => Math.Max(((x.I + 1.0) / Draws) - x.F, x.F - ((double)x.I / Draws)));
        Assert.InRange(distance, 0, 1.95 / Math.Sqrt(Draws));
    }

    [Fact]
    public void Negatives_keep_their_distance_in_float32_whatever_query_radius_and_number() =>
        Gen.Select(Gen.Float[-40, 40], Gen.Double[1e-6, 3], Gen.Double[Math.ScaleB(1, -53), 1 - Math.ScaleB(1, -53)])
            .Sample((query, radius, u) =>
            {
                var negative = new TruncatedNormal(query, radius).Quantile(u);
                return float.IsFinite(negative) && Math.Abs((double)negative - query) >= radius && Math.Abs(negative - query) >= (float)radius;
            }, iter: 200_000);

    [Theory]
    [InlineData(0.001)]
    [InlineData(1.0)]
    [InlineData(3.0)]
    public void The_edges_of_the_excluded_interval_are_kept_in_float32(double radius)
    {
        for (var query = -6f; query <= 6; query += 0.01f)
        {
            var distribution = new TruncatedNormal(query, radius);
            var split = NormalDistribution.Cdf(query - radius) / (NormalDistribution.Cdf(query - radius) + NormalDistribution.Cdf(-query - radius));
            foreach (var u in new[] { Math.BitDecrement(split), split, Math.BitIncrement(split), Math.ScaleB(1, -53), 1 - Math.ScaleB(1, -53) })
            {
                Assert.True(Math.Abs((double)distribution.Quantile(u) - query) >= radius, $"query {query}, radius {radius}, u {u}");
            }
        }
    }
}
