using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>
/// The kernel distance of two sets of features (KID; Binkowski, Sutherland, Arbel and Gretton, ICLR 2018): the unbiased estimate of MMD^2 with the
/// kernel (x·y / F + 1)^3, as the mean over disjoint blocks of randomly ordered samples.
/// </summary>
/// <param name="Mean">May be a little below 0 where the sets are alike.</param>
/// <param name="StandardError">Of the mean, from the spread of the blocks; NaN for a single block.</param>
internal sealed record KernelDistance(double Mean, double StandardError)
{
    /// <summary>The usual number of samples of a block.</summary>
    public const int BlockSize = 1000;

    /// <param name="blockSize">At least 2; fewer where a set is smaller.</param>
    /// <param name="seed">Of the order of the samples.</param>
    /// <exception cref="ArgumentException">Rows have different lengths, or a set has fewer than two.</exception>
    public static KernelDistance Of(FeatureRows real, FeatureRows generated, ulong seed, int blockSize = BlockSize)
    {
        real.CheckComparable(generated);
        var samples = Math.Min(real.Count, generated.Count);
        var size = Math.Min(blockSize, samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2, nameof(blockSize));
        var stream = new PhiloxStream(seed, StreamPurpose.EvaluationDraw);
        var (first, second) = (RandomOrder.Of(real.Count, stream, sample: 0), RandomOrder.Of(generated.Count, stream, sample: 1));
        var blocks = Enumerable.Range(0, samples / size)
            .Select(block => OfBlock(real.Select(first.AsSpan(block * size, size)), generated.Select(second.AsSpan(block * size, size))))
            .ToArray();
        var mean = blocks.Average();
        var squares = blocks.Sum(block => (block - mean) * (block - mean));
        return new KernelDistance(mean, blocks.Length > 1 ? Math.Sqrt(squares / (blocks.Length - 1) / blocks.Length) : double.NaN);
    }

    /// <summary>Unbiased: a sample is not compared with itself.</summary>
    private static double OfBlock(FeatureRows real, FeatureRows generated)
    {
        var pairs = (double)real.Count * (real.Count - 1);
        return (Sum(real, real, withItself: false) / pairs)
            + (Sum(generated, generated, withItself: false) / pairs)
            - (2 * Sum(real, generated, withItself: true) / ((double)real.Count * generated.Count));
    }

    private static double Sum(FeatureRows rows, FeatureRows columns, bool withItself)
    {
        double sum = 0;
        RowProducts.Inner(rows, columns, (row, products) =>
        {
            for (var column = 0; column < products.Length; column++)
            {
                var kernel = (products[column] / rows.Length) + 1;
                sum += withItself || column != row ? kernel * kernel * kernel : 0;
            }
        });
        return sum;
    }
}
