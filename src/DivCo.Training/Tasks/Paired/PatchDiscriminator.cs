using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// BicycleGAN's discriminator of patches on two scales: on the image, and with half the feature maps on the image at half the size.
/// Each has convolutions that halve the size (three at 256 pixels, two below, which see 70 and 34 pixels), then two that keep it, the last one to one value a patch.
/// </summary>
/// <param name="name">Of the network in checkpoints: a task may have two.</param>
/// <param name="channels">Of what it judges: an image, or a condition with its image.</param>
internal sealed class PatchDiscriminator(ModelConfig model, string name, long channels)
{
    public const int Scales = 2;

    private const int LargeImage = 256;
    private readonly int _halvings = Halvings(model);

    public TensorLayout Parameters { get; } = new(Enumerable.Range(0, Scales).SelectMany(scale =>
    {
        var width = Math.Max(1, model.Width >> scale);
        long[] maps = [channels, .. Enumerable.Range(0, Halvings(model) + 1).Select(i => (long)width << Math.Min(i, 3)), 1];
        return Enumerable.Range(1, maps.Length - 1)
            .SelectMany(layer => Layers.Parameters(Layer(name, scale, layer), [maps[layer], maps[layer - 1], 4, 4], maps[layer]));
    }));

    /// <param name="images">[rows, channels, H, W].</param>
    /// <returns>For each scale a map of judgements, [rows, 1, h, w].</returns>
    public Tensor[] Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        var maps = new Tensor[Scales];
        for (var scale = 0; scale < Scales; scale++)
        {
            maps[scale] = Judge(parameters, scale, images);
            images = scale < Scales - 1 ? Layers.Blur(images) : images;
        }

        return maps;
    }

    private static int Halvings(ModelConfig model) => model.ImageSize >= LargeImage ? 3 : 2;

    private static string Layer(string name, int scale, int layer) => $"{name}.scale{scale}.layer{layer}";

    private Tensor Judge(IReadOnlyDictionary<string, Tensor> parameters, int scale, Tensor x)
    {
        var last = _halvings + 2;
        for (var layer = 1; layer < last; layer++)
        {
            x = Layers.Convolve(parameters, Layer(name, scale, layer), x, stride: layer <= _halvings ? 2 : 1);
            x = Layers.Leaky(layer == 1 ? x : Layers.Normalize(x));
        }

        return Layers.Convolve(parameters, Layer(name, scale, last), x);
    }
}
