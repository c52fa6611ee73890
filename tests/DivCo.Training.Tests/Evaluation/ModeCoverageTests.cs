using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class ModeCoverageTests
{
    [Fact]
    public void The_set_itself_covers_every_mode_with_all_its_images()
    {
        Modes modes = Modes.Create(32, 1);
        int[] indices = [.. Enumerable.Range(0, 320)];
        ModeCoverage coverage = ModeCoverage.Of(Images(modes, indices), [.. indices.Select(modes.Label)], modes);
        Assert.Equal(32, coverage.Covered);
        Assert.All(coverage.Hits, row => Assert.All(row, hits => Assert.Equal(10, hits)));
        Assert.All(coverage.Misses, misses => Assert.Equal(0, misses));
    }

    [Fact]
    public void A_collapsed_generator_covers_one_mode_of_each_class()
    {
        Modes modes = Modes.Create(32, 3);
        int[] labels = [0, 0, 1, 1, 2, 2, 3, 3];
        float[] images = [.. labels.SelectMany(label => modes.Centre(label, 5).ToArray())];
        ModeCoverage coverage = ModeCoverage.Of(images, labels, modes);
        Assert.Equal(4, coverage.Covered);
        Assert.All(coverage.Hits, row => Assert.Equal([0, 0, 0, 0, 0, 2, 0, 0], row));
    }

    [Fact]
    public void Images_of_another_class_between_two_modes_or_of_nothing_are_misses()
    {
        Modes modes = Modes.Create(32, 1);
        float[] between = [.. modes.Centre(0, 2).ToArray().Zip(modes.Centre(0, 6).ToArray(), (one, other) => (one + other) / 2)];
        float[] images = [.. between, .. new float[modes.ImageLength], .. Enumerable.Repeat(float.NaN, modes.ImageLength), .. modes.Centre(0, 1)];
        ModeCoverage coverage = ModeCoverage.Of(images, [0, 1, 2, 0], modes);
        Assert.Equal(1, coverage.Covered);
        Assert.Equal(1, coverage.Hits[0][1]);
        Assert.Equal([1, 1, 1, 0], coverage.Misses);
    }

    /// <summary>Mixtures of modes and noise, near and far; nearest centre by plain loops, then the distance.</summary>
    [Fact]
    public void Counts_are_those_of_brute_force()
    {
        Modes modes = Modes.Create(32, 1);
        var random = new Random(11);
        int[] labels = [.. Enumerable.Range(0, 400).Select(_ => random.Next(4))];
        float[] images = new float[labels.Length * modes.ImageLength];
        for (int i = 0; i < labels.Length; i++)
        {
            (double share, int one, int other, double noise) = (random.NextDouble(), random.Next(8), random.Next(8), random.NextDouble() * 0.8);
            for (int p = 0; p < modes.ImageLength; p++)
            {
                images[(i * modes.ImageLength) + p] =
                    (float)((share * modes.Centre(labels[i], one)[p]) + ((1 - share) * modes.Centre(labels[i], other)[p]) + (noise * ((2 * random.NextDouble()) - 1)));
            }
        }

        double within = double.MaxValue;
        for (int label = 0; label < 4; label++)
        {
            for (int one = 0; one < 8; one++)
            {
                for (int other = 0; other < 8; other++)
                {
                    within = one == other ? within : Math.Min(within, Distance(modes.Centre(label, one), modes.Centre(label, other)) / 2);
                }
            }
        }

        int[,] hits = new int[4, 8];
        int[] misses = new int[4];
        for (int i = 0; i < labels.Length; i++)
        {
            double[] distances = [.. Enumerable.Range(0, 8).Select(mode => Distance(images.AsSpan(i * modes.ImageLength, modes.ImageLength), modes.Centre(labels[i], mode)))];
            int nearest = Array.IndexOf(distances, distances.Min());
            _ = distances[nearest] < within ? hits[labels[i], nearest]++ : misses[labels[i]]++;
        }

        ModeCoverage coverage = ModeCoverage.Of(images, labels, modes);
        Assert.Equal(within, ModeCoverage.HitDistance(modes), 1e-12);
        Assert.Equal(hits.Cast<int>(), coverage.Hits.SelectMany(row => row));
        Assert.Equal(misses, coverage.Misses);
        Assert.InRange(misses.Sum(), 40, 360);
    }

    [Fact]
    public void Images_that_do_not_fit_are_refused()
    {
        Modes modes = Modes.Create(32, 1);
        Assert.Throws<ArgumentException>(() => ModeCoverage.Of(new float[1023], [0], modes));
        Assert.ThrowsAny<ArgumentException>(() => ModeCoverage.Of(new float[1024], [4], modes));
    }

    private static double Distance(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double squares = 0;
        for (int i = 0; i < one.Length; i++)
        {
            squares += Math.Pow((double)one[i] - other[i], 2);
        }

        return Math.Sqrt(squares / one.Length);
    }

    private static float[] Images(Modes modes, int[] indices)
    {
        float[] images = new float[indices.Length * modes.ImageLength];
        for (int i = 0; i < indices.Length; i++)
        {
            modes.CopyImage(indices[i], images.AsSpan(i * modes.ImageLength, modes.ImageLength));
        }

        return images;
    }
}
