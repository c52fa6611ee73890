using System.Numerics;
using DivCo.Training.Tasks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// A small classifier of images: convolutions of 3 x 3 with ReLU, each followed by a maximum over 2 x 2, down to 4 x 4; a layer of 128 with ReLU,
/// which are the features; one logit for each class. Images of more than 64 pixels are averaged down to 64 first.
/// </summary>
internal sealed class ClassifierNetwork
{
    /// <summary>F.</summary>
    public const int Features = 128;

    private const int Width = 16;
    private const int MaxWidth = 128;
    private const int MaxSize = 64;
    private const int InnerSize = 4;

    private readonly long[] _channels;
    private readonly int _size;

    public ClassifierNetwork(int channels, int imageSize, int classes)
    {
        _size = Math.Min(imageSize, MaxSize);
        var stages = BitOperations.Log2((uint)(_size / InnerSize));
        _channels = [channels, .. Enumerable.Range(0, stages).Select(stage => (long)Math.Min(Width << stage, MaxWidth))];
        Parameters = new TensorLayout(
        [
            .. Stages.SelectMany(stage => Layer(Convolution(stage), [_channels[stage], _channels[stage - 1], 3, 3])),
            .. Layer("hidden", [Features, _channels[^1] * InnerSize * InnerSize]),
            .. Layer("logits", [classes, Features]),
        ]);
    }

    public TensorLayout Parameters { get; }

    private IEnumerable<int> Stages => Enumerable.Range(1, _channels.Length - 1);

    /// <param name="images">[rows, C, H, W] in [-1, 1].</param>
    /// <returns>After each convolution's ReLU, [rows, channels, height, width]; and the features, [rows, 128].</returns>
    public (IReadOnlyList<Tensor> Layers, Tensor Features) Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        var layers = new List<Tensor>();
        var x = images.shape[2] == _size ? images : functional.adaptive_avg_pool2d(images, _size);
        foreach (var stage in Stages)
        {
            var name = Convolution(stage);
            layers.Add(functional.conv2d(x, parameters[$"{name}.weight"], parameters[$"{name}.bias"], padding: [1, 1]).relu());
            x = functional.max_pool2d(layers[^1], 2);
        }

        return (layers, functional.linear(x.flatten(1), parameters["hidden.weight"], parameters["hidden.bias"]).relu());
    }

    /// <returns>[rows, classes].</returns>
    public static Tensor Logits(IReadOnlyDictionary<string, Tensor> parameters, Tensor features) =>
        functional.linear(features, parameters["logits.weight"], parameters["logits.bias"]);

    private static string Convolution(int stage) => $"convolution{stage}";

    // He et al., ICCV 2015: keeps the scale of activations from layer to layer.
    private static IEnumerable<TensorSpec> Layer(string name, long[] shape) =>
    [
        new($"{name}.weight", shape, InitialValue.Normal(Math.Sqrt(2.0 / shape.Skip(1).Aggregate(1L, (product, size) => product * size)))),
        new($"{name}.bias", [shape[0]], InitialValue.Constant(0)),
    ];
}
