namespace DivCo.Training;

/// <summary>Limits the length of a whole gradient, after the sum over all shards.</summary>
internal static class GradientClipping
{
    private const double Epsilon = 1e-6;

    /// <summary>
    /// The gradient times min(1, limit / (norm + 1e-6)), as PyTorch's <c>clip_grad_norm_</c>; the L2 norm is added up in float64 from the
    /// first element to the last.
    /// </summary>
    /// <param name="limit">Null: the gradient as it is.</param>
    public static ReadOnlySpan<float> Apply(ReadOnlySpan<float> gradient, double? limit)
    {
        if (limit is not { } largest)
        {
            return gradient;
        }

        var squares = 0.0;
        foreach (var value in gradient)
        {
            squares += (double)value * value;
        }

        var factor = largest / (Math.Sqrt(squares) + Epsilon);
        if (factor >= 1)
        {
            return gradient;
        }

        var clipped = new float[gradient.Length];
        for (var i = 0; i < clipped.Length; i++)
        {
            clipped[i] = (float)(gradient[i] * factor);
        }

        return clipped;
    }
}
