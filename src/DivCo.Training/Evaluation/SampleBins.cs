using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>
/// The bins of Richardson and Weiss ("On GANs and GMMs", NeurIPS 2018), with their released code's choices: k-means on the training samples as
/// vectors; of more than 1,000 dimensions a random sixth is used; a sample falls into the bin of the nearest centre.
/// </summary>
internal sealed class SampleBins
{
    private const int ManyDimensions = 1000;
    private const int Share = 6;
    private const int MaxIterations = 100;
    private const float Ridge = 1e-6f;

    private readonly int[] _dimensions;
    private readonly float[] _offsets;
    private readonly float[] _scales;
    private readonly FeatureRows _centres;

    /// <param name="whitening">Whether each dimension is shifted and scaled to mean 0 and deviation 1 by the training samples' statistics.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer training samples than bins.</exception>
    public SampleBins(FeatureRows training, int bins, ulong seed, bool whitening = true, int starts = 10)
    {
        _dimensions = Dimensions(training.Length, seed);
        (_offsets, _scales) = (new float[_dimensions.Length], Enumerable.Repeat(1f, _dimensions.Length).ToArray());
        if (whitening)
        {
            for (var i = 0; i < _dimensions.Length; i++)
            {
                (_offsets[i], _scales[i]) = MeanAndScale(training, _dimensions[i]);
            }
        }

        var clusters = KMeans.Of(Project(training), bins, starts, MaxIterations, seed);
        var bySize = Enumerable.Range(0, bins).OrderByDescending(bin => clusters.Assignment.Count(assigned => assigned == bin)).ToArray();
        _centres = clusters.Centres.Select(bySize);
        TrainingCounts = Count(training);
    }

    /// <summary>Training samples of each bin, most first.</summary>
    public int[] TrainingCounts { get; }

    /// <summary>Samples of each bin.</summary>
    public int[] Count(FeatureRows samples)
    {
        var counts = new int[_centres.Count];
        foreach (var bin in KMeans.Assign(Project(samples), _centres).Nearest)
        {
            counts[bin]++;
        }

        return counts;
    }

    private static int[] Dimensions(int length, ulong seed)
    {
        var order = RandomOrder.Of(length, new PhiloxStream(seed, StreamPurpose.EvaluationDraw), sample: 0, time: 2);
        return length > ManyDimensions ? order[..(length / Share)] : [.. Enumerable.Range(0, length)];
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

    private FeatureRows Project(FeatureRows rows)
    {
        var values = new float[rows.Count * _dimensions.Length];
        for (var row = 0; row < rows.Count; row++)
        {
            var from = rows.Row(row);
            var to = values.AsSpan(row * _dimensions.Length, _dimensions.Length);
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = (from[_dimensions[i]] - _offsets[i]) * _scales[i];
            }
        }

        return new FeatureRows(values, _dimensions.Length);
    }
}
