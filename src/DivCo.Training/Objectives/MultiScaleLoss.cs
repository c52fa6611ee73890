using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>A cost of what a discriminator of patches says on several scales: the mean over a map, added over the scales.</summary>
internal static class MultiScaleLoss
{
    private static readonly Scalar One = 1.ToScalar();

    /// <param name="maps">[rows, 1, h, w] of each scale.</param>
    /// <param name="cost">The sum of a cost over all elements, a float64 scalar.</param>
    /// <returns>The sum over the rows, a float64 scalar; divide by their global number.</returns>
    public static Tensor Sum(IEnumerable<Tensor> maps, Func<Tensor, Tensor> cost)
    {
        var total = zeros([], float64);
        foreach (var map in maps)
        {
            using var patches = (map.shape[2] * map.shape[3]).ToScalar();
            total = total.add(cost(map).div(patches), One);
        }

        return total;
    }
}
