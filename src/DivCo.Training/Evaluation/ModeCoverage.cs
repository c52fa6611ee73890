using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>Which modes of the synthetic set generated images show.</summary>
/// <param name="Hits">[class, mode]: images nearer than <see cref="HitDistance"/> to that mode of their own class.</param>
/// <param name="Misses">By class: images that are of no mode of their class.</param>
public sealed record ModeCoverage(IReadOnlyList<IReadOnlyList<int>> Hits, IReadOnlyList<int> Misses)
{
    /// <summary>Modes that were hit at least once, over all classes.</summary>
    public int Covered => Hits.Sum(modes => modes.Count(hits => hits > 0));

    /// <summary>
    /// Root-mean-square pixel distance below which an image counts as of a mode: half the smallest distance between two modes of one class, so
    /// that no image can be of two.
    /// </summary>
    public static double HitDistance(Modes modes)
    {
        double smallest = double.PositiveInfinity;
        for (int label = 0; label < modes.Classes; label++)
        {
            for (int mode = 1; mode < Modes.ModesPerClass; mode++)
            {
                for (int other = 0; other < mode; other++)
                {
                    smallest = Math.Min(smallest, PixelDistance.RootMeanSquare(modes.Centre(label, mode), modes.Centre(label, other)));
                }
            }
        }

        return smallest / 2;
    }

    /// <summary>Counts the modes shown.</summary>
    /// <param name="images">[count, channels, size, size] as the set has them.</param>
    /// <param name="labels">The condition of each image.</param>
    /// <exception cref="ArgumentException">The images do not fit the labels or the set.</exception>
    public static ModeCoverage Of(ReadOnlySpan<float> images, IReadOnlyList<int> labels, Modes modes)
    {
        if (images.Length != (long)labels.Count * modes.ImageLength)
        {
            throw new ArgumentException($"{images.Length} values are no {labels.Count} images of {modes.ImageLength}", nameof(images));
        }

        double within = HitDistance(modes);
        int[][] hits = [.. Enumerable.Range(0, modes.Classes).Select(_ => new int[Modes.ModesPerClass])];
        int[] misses = new int[modes.Classes];
        for (int i = 0; i < labels.Count; i++)
        {
            if (ModeOf(images.Slice(i * modes.ImageLength, modes.ImageLength), labels[i], modes, within) is { } mode)
            {
                hits[labels[i]][mode]++;
            }
            else
            {
                misses[labels[i]]++;
            }
        }

        return new ModeCoverage(hits, misses);
    }

    /// <summary>The mode of the class that the image is of, or null; there is at most one within that distance.</summary>
    internal static int? ModeOf(ReadOnlySpan<float> image, int label, Modes modes, double within)
    {
        for (int mode = 0; mode < Modes.ModesPerClass; mode++)
        {
            if (PixelDistance.RootMeanSquare(image, modes.Centre(label, mode)) < within)
            {
                return mode;
            }
        }

        return null;
    }
}
