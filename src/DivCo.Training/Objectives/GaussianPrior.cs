using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>What keeps an encoder's latents near N(0, I), from which latents are drawn later.</summary>
internal static class GaussianPrior
{
    private static readonly Scalar One = 1.ToScalar();
    private static readonly Scalar Two = 2.ToScalar();
    private static readonly Scalar MinusHalf = (-0.5).ToScalar();

    /// <summary>
    /// The divergence (Kullback and Leibler) of N(mean, exp(log variance)) from N(0, I), -1/2 (1 + log variance - mean^2 - exp(log variance)), as a
    /// sum over all rows and elements, in float64. It is a sum in the loss too: never divided by their number.
    /// </summary>
    /// <param name="mean">[rows, latent dim].</param>
    /// <param name="logVariance">As the mean.</param>
    public static Tensor Divergence(Tensor mean, Tensor logVariance)
    {
        var (m, v) = (mean.to(float64), logVariance.to(float64));
        return (v - (m * m) - v.exp()).add(One, One).sum().mul(MinusHalf);
    }

    /// <summary>The divergence without its variances: the sum of squares over all elements, in float64, for codes that are no distributions.</summary>
    public static Tensor SquaredNorm(Tensor codes) => codes.to(float64).pow(Two).sum();
}
