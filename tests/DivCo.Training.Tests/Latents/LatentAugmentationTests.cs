using DivCo.Training.Latents;

namespace DivCo.Training.Tests.Latents;

public sealed class LatentAugmentationTests
{
    private const int Dim = 101;

    [Fact]
    public void Queries_are_standard_normal()
    {
        var latents = new LatentAugmentation(5, 0.1);
        var drawn = Enumerable.Range(0, 200).SelectMany(sample => Query(latents, 3, sample)).Select(x => (double)x).Order().ToArray();
        var distance = drawn.Select((x, i) => Math.Abs(((i + 0.5) / drawn.Length) - ReferenceNormal.Cdf(x))).Max();
        Assert.InRange(distance, 0, 1.95 / Math.Sqrt(drawn.Length));
    }

    [Fact]
    public void Positives_are_uniform_in_the_cube_about_their_query()
    {
        const double Radius = 0.25;
        var latents = new LatentAugmentation(5, Radius);
        var offsets = new List<double>();
        for (var sample = 0; sample < 200; sample++)
        {
            var query = Query(latents, 3, sample);
            var positive = new float[Dim];
            latents.Positive(3, sample, query, positive);
            offsets.AddRange(positive.Zip(query, (p, q) => ((double)p - q + Radius) / (2 * Radius)));
        }

        offsets.Sort();
        Assert.InRange(offsets[0], -1e-5, 1e-3);
        Assert.InRange(offsets[^1], 1 - 1e-3, 1 + 1e-5);
        Assert.InRange(offsets.Select((x, i) => Math.Abs(((i + 0.5) / offsets.Count) - x)).Max(), 0, 1.95 / Math.Sqrt(offsets.Count));
    }

    // The same uniform number decides an element at any radius: nothing is redrawn, so far quantiles move smoothly with R.
    [Fact]
    public void One_uniform_number_decides_a_negative_at_any_radius()
    {
        var near = Negative(new LatentAugmentation(5, 1e-9), 0);
        var far = Negative(new LatentAugmentation(5, 2e-9), 0);
        Assert.All(near.Zip(far), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.NotEqual(near, Negative(new LatentAugmentation(5, 1e-9), 1));
    }

    [Fact]
    public void A_vector_does_not_depend_on_which_others_were_drawn()
    {
        var alone = Negative(new LatentAugmentation(5, 0.5), 7);
        var latents = new LatentAugmentation(5, 0.5);
        for (var index = 0; index < 7; index++)
        {
            _ = Negative(latents, index);
        }

        Assert.Equal(alone, Negative(latents, 7));
    }

    private static float[] Query(LatentAugmentation latents, int step, int sample)
    {
        var query = new float[Dim];
        latents.Query(step, sample, query);
        return query;
    }

    private static float[] Negative(LatentAugmentation latents, int index)
    {
        var negative = new float[Dim];
        latents.Negative(3, 4, index, latents.Outside(Query(latents, 3, 4)), negative);
        return negative;
    }
}
