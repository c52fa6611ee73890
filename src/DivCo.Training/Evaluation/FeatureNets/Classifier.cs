using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// The classifier that the product trains itself, on the data set that it judges, as feature net and as perceptual net (all weights 1). Its figures
/// compare trials on that data set with each other, and with nothing else: it is not the Inception net of published figures.
/// </summary>
/// <param name="name">What tells it from other nets.</param>
/// <param name="parameters">Of the network; disposed of with this.</param>
internal sealed class Classifier(string name, ClassifierNetwork network, FlatTensors parameters) : IFeatureNet, IPerceptualNet
{
    public string Name => name;

    public int Length => ClassifierNetwork.Features;

    public IReadOnlyList<Tensor>? Weights => null;

    public Tensor Features(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return network.Forward(parameters.Constants, images).Features.MoveToOuterDisposeScope();
    }

    public IReadOnlyList<Tensor> Layers(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return [.. network.Forward(parameters.Constants, images).Layers.Select(layer => layer.MoveToOuterDisposeScope())];
    }

    public void Dispose() => parameters.Dispose();
}
