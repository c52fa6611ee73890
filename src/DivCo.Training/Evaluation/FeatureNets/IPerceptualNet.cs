using static TorchSharp.torch;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>A frozen network whose activations tell how far apart two images look.</summary>
internal interface IPerceptualNet : IDisposable
{
    /// <summary>As every result names it.</summary>
    string Name { get; }

    /// <summary>Weights of each layer's channels; null: all 1.</summary>
    IReadOnlyList<Tensor>? Weights { get; }

    /// <param name="images">[rows, C, H, W] in [-1, 1].</param>
    /// <returns>Of each layer, [rows, channels, height, width].</returns>
    IReadOnlyList<Tensor> Layers(Tensor images);
}
