using MathNet.Numerics;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Compares how two sets of samples fall into the same bins (Richardson and Weiss, "On GANs and GMMs", NeurIPS 2018): the number of
/// statistically different bins and the Jensen-Shannon divergence of the proportions.
/// </summary>
internal static class BinCounts
{
    /// <summary>z of the two-proportion test with pooled variance, for each bin; NaN for a bin that nothing fell into, or everything.</summary>
    /// <exception cref="ArgumentException">The numbers of bins differ, a count is negative, or a set is empty.</exception>
    public static double[] Scores(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        (long n, long m) = (Total(first), Total(second));
        CheckSameBins(first, second);
        double[] scores = new double[first.Length];
        for (int bin = 0; bin < scores.Length; bin++)
        {
            (double p, double q) = ((double)first[bin] / n, (double)second[bin] / m);
            double pooled = ((double)first[bin] + second[bin]) / (n + m);
            scores[bin] = (p - q) / Math.Sqrt(pooled * (1 - pooled) * ((1.0 / n) + (1.0 / m)));
        }

        return scores;
    }

    /// <summary>NDB: bins whose proportions differ with a two-tailed p below <paramref name="significance"/>.</summary>
    /// <exception cref="ArgumentException">As of <see cref="Scores"/>.</exception>
    public static int StatisticallyDifferent(ReadOnlySpan<int> first, ReadOnlySpan<int> second, double significance = 0.05) =>
        Scores(first, second).Count(z => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2)) < significance);

    /// <summary>JSD = KL(p|m)/2 + KL(q|m)/2 with m = (p + q)/2 and the natural logarithm: from 0 to ln 2.</summary>
    /// <exception cref="ArgumentException">As of <see cref="Scores"/>.</exception>
    public static double JensenShannonDivergence(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        (long n, long m) = (Total(first), Total(second));
        CheckSameBins(first, second);
        double sum = 0;
        for (int bin = 0; bin < first.Length; bin++)
        {
            (double p, double q) = ((double)first[bin] / n, (double)second[bin] / m);
            double middle = (p + q) / 2;
            sum += (p > 0 ? p * Math.Log(p / middle) : 0) + (q > 0 ? q * Math.Log(q / middle) : 0);
        }

        return sum / 2;
    }

    private static void CheckSameBins(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"counts of {first.Length} and of {second.Length} bins cannot be compared", nameof(second));
        }
    }

    private static long Total(ReadOnlySpan<int> counts)
    {
        long total = 0;
        foreach (int count in counts)
        {
            total += count >= 0 ? count : throw new ArgumentException($"a bin cannot hold {count} samples", nameof(counts));
        }

        return total > 0 ? total : throw new ArgumentException("there are no samples to compare", nameof(counts));
    }
}
