using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>
/// The mode-seeking term of MSGAN (Mao et al., CVPR 2019), 1 / (r + 1e-5): r is the mean absolute distance of two images of the same conditions over that of
/// their latents, each a mean over all elements of the whole batch. So there is one ratio a batch, not one a pair.
/// </summary>
internal static class ModeSeekingLoss
{
    /// <summary>Length of <see cref="Statistics"/>.</summary>
    public const int Length = 4;

    private static readonly Scalar Epsilon = 1e-5.ToScalar();
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>Sums and counts of the absolute distances of images, then of latents, float64, [4]; they are added over shards.</summary>
    /// <param name="images">Of the first latents; differentiated like those of the second.</param>
    /// <param name="otherImages">Of the second latents and the same conditions.</param>
    /// <param name="latents">First latents, without a graph.</param>
    public static Tensor Statistics(Tensor images, Tensor otherImages, Tensor latents, Tensor otherLatents)
    {
        var distance = ReconstructionLoss.Sum(images, otherImages);
        var constants = zeros(3, float64);
        using var latentDistance = ReconstructionLoss.Sum(latents, otherLatents);
        var values = Tasks.TensorMemory.Doubles(constants);
        (values[0], values[1], values[2]) = (images.NumberOfElements, latentDistance.item<double>(), latents.NumberOfElements);
        return cat([distance.view(1), constants]);
    }

    /// <param name="statistics">Sums over all shards of <see cref="Statistics"/>.</param>
    public static Tensor Of(Tensor statistics)
    {
        var ratio = statistics[0] / statistics[1] / (statistics[2] / statistics[3]);
        return ratio.add(Epsilon, One).reciprocal();
    }
}
