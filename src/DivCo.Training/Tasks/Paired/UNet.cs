using System.Numerics;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// BicycleGAN's generator (Zhu et al., NeurIPS 2017): a U-Net that halves an image log2(size) times down to 1 x 1 and enlarges it again, with
/// the latent as planes beside the feature maps at the input of every level on the way down. Instance norm, but for the
/// first and the innermost convolution and for the output, so that no 1 x 1 map is normalised. No dropout, which would part a positive from its query.
/// </summary>
/// <param name="inputChannels">Channels of a condition.</param>
internal sealed class UNet(ModelConfig model, int inputChannels)
{
    private const string Prefix = "generator";
    private const int PooledLevels = 3;
    private readonly int _depth = BitOperations.Log2((uint)model.ImageSize);

    public TensorLayout Parameters { get; } = new(Enumerable.Range(1, BitOperations.Log2((uint)model.ImageSize)).SelectMany(level =>
    {
        var inner = level == BitOperations.Log2((uint)model.ImageSize) ? 1 : 2;
        var below = level == 1 ? model.Channels : Maps(model, level - 1);
        return (IEnumerable<TensorSpec>)
        [
            .. Layers.Parameters(
                Down(level), [Maps(model, level), (level == 1 ? inputChannels : Maps(model, level - 1)) + model.LatentDim, 4, 4], Maps(model, level)),
            .. Layers.Parameters(Up(level), [inner * Maps(model, level), below, 4, 4], below),
        ];
    }));

    /// <summary>F: features of an image.</summary>
    public int FeatureLength => checked((int)Enumerable.Range(_depth - PooledLevels + 1, PooledLevels).Sum(level => Maps(model, level)));

    /// <param name="inputs">Conditions, [rows, input channels, H, W].</param>
    /// <param name="latents">[rows, latent dim].</param>
    /// <returns>Images [rows, C, H, W] in (-1, 1).</returns>
    public Tensor Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor inputs, Tensor latents)
    {
        var outputs = new Tensor[_depth + 1];
        outputs[0] = inputs;
        for (var level = 1; level <= _depth; level++)
        {
            outputs[level] = Norm(level, Halve(parameters, level, outputs[level - 1], latents));
        }

        var x = outputs[_depth];
        for (var level = _depth; level > 1; level--)
        {
            // The skip is the level's input as it came: before the latent, before the activation.
            x = cat([Layers.Normalize(Layers.Enlarge(parameters, Up(level), x.relu())), outputs[level - 1]], 1);
        }

        return Layers.Enlarge(parameters, Up(1), x.relu()).tanh();
    }

    /// <summary>
    /// What the way down makes of images with the latent 0: the innermost convolution and the two above it, each averaged over its maps, side by
    /// side. Averages are taken before the norm, which would make every one of them 0.
    /// </summary>
    /// <param name="images">[rows, C, H, W]; C must be the condition's channels.</param>
    /// <returns>[rows, features], not normalised.</returns>
    public Tensor Features(IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        var latents = zeros([images.shape[0], model.LatentDim], images.dtype);
        var pooled = new List<Tensor>();
        var x = images;
        for (var level = 1; level <= _depth; level++)
        {
            var convolved = Halve(parameters, level, x, latents);
            x = Norm(level, convolved);
            if (level > _depth - PooledLevels)
            {
                pooled.Add(convolved.mean([2, 3]));
            }
        }

        return cat(pooled, 1);
    }

    private static long Maps(ModelConfig model, int level) => (long)model.Width << Math.Min(level - 1, 3);

    private static string Down(int level) => $"{Prefix}.down{level}";

    private static string Up(int level) => $"{Prefix}.up{level}";

    private static Tensor Halve(IReadOnlyDictionary<string, Tensor> parameters, int level, Tensor x, Tensor latents)
    {
        var (rows, dim) = (latents.shape[0], latents.shape[1]);
        var joined = dim == 0 ? x : cat([x, latents.view(rows, dim, 1, 1).expand(rows, dim, x.shape[2], x.shape[3])], 1);
        return Layers.Convolve(parameters, Down(level), level == 1 ? joined : Layers.Leaky(joined), stride: 2);
    }

    private Tensor Norm(int level, Tensor x) => level == 1 || level == _depth ? x : Layers.Normalize(x);
}
