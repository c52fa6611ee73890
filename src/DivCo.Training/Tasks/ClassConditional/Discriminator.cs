using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// The conditional DCGAN discriminator: image and one-hot planes, convolutions that halve the size down to 4 x 4 (the trunk), then one
/// logit. From the trunk also come the features of the contrastive term, as they are or by a frozen projection; a trained head may find the latents in it.
/// </summary>
internal sealed class Discriminator
{
    private const string Prefix = "discriminator";
    private const string Head = Prefix + ".encoder_head";
    private const string LatentHead = Prefix + ".latent_head";
    private static readonly Scalar Slope = 0.2.ToScalar();

    private readonly ModelConfig _model;
    private readonly long[] _channels;

    public Discriminator(ModelConfig model, int classes, EncoderHead head)
    {
        _model = model;
        var halvings = BitOperations.Log2((uint)model.ImageSize) - 2;
        _channels = [model.Channels + classes, .. Enumerable.Range(0, halvings).Select(i => (long)model.Width << i)];
        Parameters = new TensorLayout(Layers
            .SelectMany(layer => (IEnumerable<TensorSpec>)
            [
                .. Convolution.Parameters(Layer(layer), [_channels[layer], _channels[layer - 1], 4, 4], _channels[layer]),
                .. layer == 1 ? [] : NormLayers.Parameters(model.Norm, $"{Layer(layer)}.norm", _channels[layer]),
            ])
            .Concat(Convolution.Parameters(Layer(_channels.Length), [1, _channels[^1], 4, 4], 1)));
        Statistics = new TensorLayout(Layers.Where(layer => layer > 1)
            .SelectMany(layer => NormLayers.Statistics(model.Norm, $"{Layer(layer)}.norm", _channels[layer])));
        LatentHeadParameters = new TensorLayout(Convolution.Parameters(LatentHead, [model.LatentDim, _channels[^1], 4, 4], model.LatentDim));
        Frozen = new TensorLayout(head == EncoderHead.None
            ? []
            : Convolution.Parameters(Head, [model.FeatureDim, _channels[^1], 4, 4], model.FeatureDim));
    }

    public TensorLayout Parameters { get; }

    /// <summary>The head of latent regression: trained with the generator, on a trunk that learns nothing of it.</summary>
    public TensorLayout LatentHeadParameters { get; }

    public TensorLayout Statistics { get; }

    /// <summary>The projection head: drawn once and never trained, so that weight decay does not act on it either.</summary>
    public TensorLayout Frozen { get; }

    /// <summary>F: features of an image.</summary>
    public int FeatureLength => checked((int)(Frozen.Tensors.Count == 0 ? _channels[^1] * 16 : _model.FeatureDim));

    private IEnumerable<int> Layers => Enumerable.Range(1, _channels.Length - 1);

    /// <param name="images">[rows, C, H, W].</param>
    /// <param name="labels">One-hot, [rows, classes].</param>
    /// <returns>[rows, top channels, 4, 4].</returns>
    public Tensor Trunk(IReadOnlyDictionary<string, Tensor> parameters, NormLayers norms, Tensor images, Tensor labels)
    {
        var planes = labels.view(labels.shape[0], -1, 1, 1).expand(labels.shape[0], labels.shape[1], images.shape[2], images.shape[3]);
        var x = cat([images, planes], 1);
        foreach (var layer in Layers)
        {
            x = functional.conv2d(x, parameters[$"{Layer(layer)}.weight"], parameters[$"{Layer(layer)}.bias"], [2, 2], [1, 1]);
            x = layer == 1 ? x : norms.Apply($"{Layer(layer)}.norm", parameters, x);
            x = x.leaky_relu(Slope);
        }

        return x;
    }

    /// <returns>[rows].</returns>
    public Tensor Logits(IReadOnlyDictionary<string, Tensor> parameters, Tensor trunk)
    {
        var last = Layer(_channels.Length);
        return functional.conv2d(trunk, parameters[$"{last}.weight"], parameters[$"{last}.bias"]).flatten();
    }

    /// <param name="frozen">Tensors of <see cref="Frozen"/>.</param>
    /// <returns>[rows, features], not normalised.</returns>
    public Tensor Features(IReadOnlyDictionary<string, Tensor> frozen, Tensor trunk) =>
        (Frozen.Tensors.Count == 0 ? trunk : functional.conv2d(trunk, frozen[$"{Head}.weight"], frozen[$"{Head}.bias"])).flatten(1);

    /// <param name="head">Tensors of <see cref="LatentHeadParameters"/>.</param>
    /// <returns>The latents that images were generated from, as the head finds them: [rows, latent dim].</returns>
    public static Tensor Latents(IReadOnlyDictionary<string, Tensor> head, Tensor trunk) =>
        functional.conv2d(trunk, head[$"{LatentHead}.weight"], head[$"{LatentHead}.bias"]).flatten(1);

    public NormLayers InTraining(FlatTensors? statistics) => new(_model.Norm, statistics, training: true);

    private static string Layer(int layer) => $"{Prefix}.layer{layer}";
}
