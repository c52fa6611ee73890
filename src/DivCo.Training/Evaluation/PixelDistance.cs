namespace DivCo.Training.Evaluation;

/// <summary>Distance of two images by their pixels.</summary>
internal static class PixelDistance
{
    /// <summary>sqrt(mean((one - other)^2)), accumulated in float64 in the order of the pixels, so it has the same bits everywhere.</summary>
    /// <exception cref="ArgumentException">The images differ in size or have none.</exception>
    public static double RootMeanSquare(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        if (one.Length != other.Length || one.IsEmpty)
        {
            throw new ArgumentException($"images of {one.Length} and {other.Length} pixels cannot be compared", nameof(other));
        }

        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            double difference = (double)one[i] - other[i];
            sum += difference * difference;
        }

        return Math.Sqrt(sum / one.Length);
    }
}
