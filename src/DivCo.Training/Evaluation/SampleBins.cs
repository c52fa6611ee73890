using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>
/// The bins of Richardson and Weiss ("On GANs and GMMs", NeurIPS 2018), with their released code's choices: k-means on the training samples as
/// vectors; of more than 1,000 dimensions a random sixth is used, here at most 2,048; a sample falls into the bin of the nearest centre.
/// </summary>
internal sealed class SampleBins
{
    private const int ManyDimensions = 1000;
    private const int Share = 6;
    private const int MostDimensions = 2048;
    private const int MaxIterations = 100;
    private const float Ridge = 1e-6f;

    private readonly float[] _offsets;
    private readonly float[] _scales;
    private readonly FeatureRows _centres;

    /// <param name="training">Rows of the dimensions that are used.</param>
    /// <param name="whitening">Whether each dimension is shifted and scaled to mean 0 and deviation 1 by the training samples' statistics.</param>
    /// <param name="starts">Of k-means, of which the best counts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer training samples than bins.</exception>
    public SampleBins(FeatureRows training, int bins, ulong seed, bool whitening = true, int starts = 10)
    {
        (_offsets, _scales) = (new float[training.Length], Enumerable.Repeat(1f, training.Length).ToArray());
        for (var i = 0; i < training.Length && whitening; i++)
        {
            (_offsets[i], _scales[i]) = MeanAndScale(training, i);
        }

        var clusters = KMeans.Of(Whiten(training), bins, starts, MaxIterations, seed);
        var bySize = Enumerable.Range(0, bins).OrderByDescending(bin => clusters.Assignment.Count(assigned => assigned == bin)).ToArray();
        _centres = clusters.Centres.Select(bySize);
        TrainingCounts = Count(Assign(training));
    }

    /// <summary>Elements of a row.</summary>
    public int Length => _centres.Length;

    /// <summary>Training samples of each bin, most first.</summary>
    public int[] TrainingCounts { get; }

    /// <summary>The dimensions of a vector that are used: all, or of many a random sixth, but at most 2,048, for images of 256 pixels would take hours.</summary>
    public static int[] Dimensions(int length, ulong seed) => length > ManyDimensions
        ? RandomOrder.Of(length, new PhiloxStream(seed, StreamPurpose.EvaluationDraw), sample: 0, time: 2)[..Math.Min(length / Share, MostDimensions)]
        : [.. Enumerable.Range(0, length)];

    /// <summary>Copies the dimensions that are used.</summary>
    public static void Project(ReadOnlySpan<float> vector, ReadOnlySpan<int> dimensions, Span<float> destination)
    {
        for (var i = 0; i < dimensions.Length; i++)
        {
            destination[i] = vector[dimensions[i]];
        }
    }

    /// <summary>The bin of each sample.</summary>
    public int[] Assign(FeatureRows samples) => KMeans.Assign(Whiten(samples), _centres).Nearest;

    /// <summary>Samples of each bin.</summary>
    public int[] Count(IEnumerable<int> assigned)
    {
        var counts = new int[_centres.Count];
        foreach (var bin in assigned)
        {
            counts[bin]++;
        }

        return counts;
    }

    private static (float Mean, float Scale) MeanAndScale(FeatureRows rows, int dimension)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var row = 0; row < rows.Count; row++)
        {
            sum += rows.Row(row)[dimension];
        }

        var mean = sum / rows.Count;
        for (var row = 0; row < rows.Count; row++)
        {
            var difference = rows.Row(row)[dimension] - mean;
            squares += difference * difference;
        }

        return ((float)mean, (float)(1 / (Math.Sqrt(squares / rows.Count) + Ridge)));
    }

    private FeatureRows Whiten(FeatureRows rows)
    {
        var values = rows.Values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (values[i] - _offsets[i % rows.Length]) * _scales[i % rows.Length];
        }

        return new FeatureRows(values, rows.Length);
    }
}
