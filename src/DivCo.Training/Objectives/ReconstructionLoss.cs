using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>How far images, or latents, lie from what they should be.</summary>
internal static class ReconstructionLoss
{
    /// <summary>The sum of absolute differences over all elements, in float64; divide by their global number.</summary>
    public static Tensor Sum(Tensor actual, Tensor expected) => (actual.to(float64) - expected.to(float64)).abs().sum();
}
