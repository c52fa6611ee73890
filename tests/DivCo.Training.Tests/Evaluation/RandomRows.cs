using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

/// <summary>Feature rows of chance, the same for a seed.</summary>
internal static class RandomRows
{
    /// <summary>Uniform in [-1, 1).</summary>
    public static FeatureRows Of(int count, int length, int seed)
    {
        var random = new Random(seed);
        return new FeatureRows(Enumerable.Range(0, count * length).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray(), length);
    }

    /// <summary>N(0, 1), by Box and Muller.</summary>
    public static FeatureRows Normal(int count, int length, int seed)
    {
        var random = new Random(seed);
        return new FeatureRows(
            Enumerable.Range(0, count * length)
                .Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))
                .ToArray(),
            length);
    }

    public static double SquaredDistance(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += ((double)one[i] - other[i]) * ((double)one[i] - other[i]);
        }

        return sum;
    }
}
