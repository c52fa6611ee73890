namespace DivCo.Training.Latents;

/// <summary>
/// N(0, 1) conditioned on |n - q| >= R. Each tail is inverted from its own end, so precision holds however far out q is.
/// </summary>
/// <param name="query">q, the centre of the excluded interval.</param>
/// <param name="radius">R.</param>
internal readonly struct TruncatedNormal(float query, double radius)
{
    private readonly double _below = NormalDistribution.Cdf(query - radius);
    private readonly double _above = NormalDistribution.Cdf(-query - radius);

    /// <summary>The quantile at <paramref name="u"/>: one uniform number and the same operations for any q and R.</summary>
    /// <param name="u">In (0, 1).</param>
    /// <returns>A value whose distance to q is at least R as float32 too.</returns>
    public float Quantile(double u)
    {
        var v = u * (_below + _above);
        return v < _below
            ? RoundDown(Math.Min(NormalDistribution.Quantile(v), query - radius))
            : RoundUp(Math.Max(-NormalDistribution.Quantile(_below + _above - v), query + radius));
    }

    private float RoundDown(double value)
    {
        var rounded = (float)value;
        return (double)query - rounded < radius ? float.BitDecrement(rounded) : rounded;
    }

    private float RoundUp(double value)
    {
        var rounded = (float)value;
        return (double)rounded - query < radius ? float.BitIncrement(rounded) : rounded;
    }
}
