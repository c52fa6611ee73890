using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>A cost of logits that lie in maps, as the sum over samples of the mean over a map, added over the scales.</summary>
internal static class MultiScaleLoss
{
    /// <param name="maps">[samples, 1, h, w] of each scale.</param>
    /// <param name="cost">The sum of a cost over all logits, a float64 scalar.</param>
    /// <returns>A float64 scalar; divide by the global number of samples.</returns>
    public static Tensor SumOver(IReadOnlyList<Tensor> maps, Func<Tensor, Tensor> cost)
    {
        var total = zeros([], float64);
        foreach (var map in maps)
        {
            using var logits = (map.shape[2] * map.shape[3]).ToScalar();
            total = total.add(cost(map).div(logits), Layers.One);
        }

        return total;
    }
}
