using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>
/// How far apart a network sees two images (LPIPS; Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018, equation 1): at each layer and position
/// the activations of all channels are divided by their L2 norm; squared differences are weighted by channel, summed over channels,
/// averaged over positions and summed over layers.
/// </summary>
internal static class PerceptualDistance
{
    private const double Epsilon = 1e-10; // added to the norm, as in the released code

    private static readonly Scalar _epsilon = Epsilon.ToScalar();
    private static readonly Scalar _one = 1.ToScalar();

    /// <param name="one">Activations of each layer, [pairs, C, H, W], of the pairs' first images.</param>
    /// <param name="other">Of their second images.</param>
    /// <param name="weights">Of each layer's channels, [C]; null: all 1.</param>
    /// <returns>The distance of each pair.</returns>
    /// <exception cref="ArgumentException">The layers do not fit each other.</exception>
    public static double[] Of(IReadOnlyList<Tensor> one, IReadOnlyList<Tensor> other, IReadOnlyList<Tensor>? weights = null)
    {
        if (one.Count == 0 || one.Count != other.Count || (weights is not null && weights.Count != one.Count))
        {
            throw new ArgumentException($"{one.Count} and {other.Count} layers with {weights?.Count ?? one.Count} weights cannot be compared", nameof(other));
        }

        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var sum = zeros([one[0].shape[0]], float64);
        for (var layer = 0; layer < one.Count; layer++)
        {
            if (!one[layer].shape.SequenceEqual(other[layer].shape))
            {
                throw new ArgumentException($"layer {layer} has sizes {string.Join(", ", one[layer].shape)} and {string.Join(", ", other[layer].shape)}", nameof(other));
            }

            var difference = Normalized(one[layer]) - Normalized(other[layer]);
            var squares = difference.mul(difference);
            squares = weights is null ? squares : squares.mul(weights[layer].to(float64).view(1, -1, 1, 1));
            sum = sum.add(squares.sum(dim: 1).mean([1, 2]), _one);
        }

        return TensorMemory.Doubles(sum.contiguous()).ToArray();
    }

    private static Tensor Normalized(Tensor activations)
    {
        var x = activations.to(float64);
        return x.div(x.mul(x).sum(dim: 1, keepdim: true).sqrt().add(_epsilon, _one));
    }
}
