using static TorchSharp.torch;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>A frozen network that turns images into vectors, in which distributions of images are compared.</summary>
internal interface IFeatureNet : IDisposable
{
    /// <summary>As every result names it: a figure says nothing without it.</summary>
    string Name { get; }

    /// <summary>F.</summary>
    int Length { get; }

    /// <param name="images">[rows, C, H, W] in [-1, 1].</param>
    /// <returns>[rows, F], float32.</returns>
    Tensor Features(Tensor images);
}
