using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>Rows of features on the unit sphere.</summary>
internal static class FeatureNormalization
{
    private static readonly Scalar SmallestNorm = 1e-12.ToScalar();

    /// <summary>Each row divided by its L2 norm, or by 1e-12 where that is larger; out of place, because the features' graph needs them.</summary>
    /// <param name="rows">[M, F].</param>
    public static Tensor Apply(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(SmallestNorm);
}
