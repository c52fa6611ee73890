using MathNet.Numerics;

namespace DivCo.Training.Latents;

/// <summary>
/// The standard normal distribution in float64, accurate to a few ulps relative to the value in the lower tail (where libtorch's ndtr
/// is not); mirror the argument for the upper one.
/// </summary>
internal static class NormalDistribution
{
    private const double Sqrt2 = 1.4142135623730950488;

    public static double Cdf(double x) => 0.5 * SpecialFunctions.Erfc(-x / Sqrt2);

    /// <param name="p">In (0, 1).</param>
    public static double Quantile(double p) => -Sqrt2 * SpecialFunctions.ErfcInv(2 * p);
}
