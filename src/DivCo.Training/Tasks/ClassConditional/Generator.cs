using System.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// The conditional DCGAN generator: latent and one-hot label as a 1 x 1 map, transposed convolutions to 4 x 4 and then doubling to the
/// image's size, with norm and ReLU between and tanh at the end. Feature maps halve from layer to layer down to the width.
/// </summary>
internal sealed class Generator
{
    private const string Prefix = "generator";
    private readonly ModelConfig _model;
    private readonly long[] _channels;

    public Generator(ModelConfig model, int classes)
    {
        _model = model;
        var doublings = BitOperations.Log2((uint)model.ImageSize) - 2;
        _channels =
        [
            model.LatentDim + classes,
            .. Enumerable.Range(0, doublings).Select(i => (long)model.Width << (doublings - 1 - i)),
            model.Channels,
        ];
        Parameters = new TensorLayout(Layers.SelectMany(layer => (IEnumerable<TensorSpec>)
        [
            .. Convolution.Parameters($"{Prefix}.layer{layer}", [_channels[layer - 1], _channels[layer], 4, 4], _channels[layer]),
            .. IsLast(layer) ? [] : NormLayers.Parameters(model.Norm, $"{Prefix}.layer{layer}.norm", _channels[layer]),
        ]));
        Statistics = new TensorLayout(Layers.Where(layer => !IsLast(layer))
            .SelectMany(layer => NormLayers.Statistics(model.Norm, $"{Prefix}.layer{layer}.norm", _channels[layer])));
    }

    public TensorLayout Parameters { get; }

    public TensorLayout Statistics { get; }

    private IEnumerable<int> Layers => Enumerable.Range(1, _channels.Length - 1);

    /// <param name="latents">[rows, latent dim].</param>
    /// <param name="labels">One-hot, [rows, classes].</param>
    /// <returns>Images [rows, C, H, W] in (-1, 1).</returns>
    public Tensor Forward(IReadOnlyDictionary<string, Tensor> parameters, NormLayers norms, Tensor latents, Tensor labels)
    {
        var x = cat([latents, labels], 1).view(latents.shape[0], -1, 1, 1);
        foreach (var layer in Layers)
        {
            var (stride, padding) = layer == 1 ? (1, 0) : (2, 1);
            var name = $"{Prefix}.layer{layer}";
            x = functional.conv_transpose2d(x, parameters[$"{name}.weight"], parameters[$"{name}.bias"], [stride, stride], [padding, padding]);
            x = IsLast(layer) ? x.tanh() : norms.Apply($"{name}.norm", parameters, x).relu();
        }

        return x;
    }

    public NormLayers InTraining(FlatTensors? statistics) => new(_model.Norm, statistics, training: true);

    public NormLayers InEvaluation(FlatTensors? statistics) => new(_model.Norm, statistics, training: false);

    private bool IsLast(int layer) => layer == _channels.Length - 1;
}
