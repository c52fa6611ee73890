using System.Numerics;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's multi-scale discriminator: the same stack of convolutions, with weights of its own, on the image and on two smaller copies of it. Each
/// gives a map of logits. No norm.
/// </summary>
/// <remarks>
/// Four layers halve the size, as published. An image of 32 pixels has three: more would leave nothing of its smallest copy.
/// </remarks>
internal sealed class ImageDiscriminator
{
    private const int Scales = 3;

    private readonly string _name;
    private readonly int _layers;

    /// <param name="name">Of its tensors.</param>
    public ImageDiscriminator(ModelConfig model, string name)
    {
        (_name, _layers) = (name, Math.Min(4, BitOperations.Log2((uint)model.ImageSize) - 2));
        long Channels(int layer) => layer == 0 ? model.Channels : (long)model.Width << (layer - 1);
        Parameters =
        [
            .. from scale in Enumerable.Range(0, Scales)
               from layer in Enumerable.Range(1, _layers)
               from tensor in Convolution.Parameters(Layer(scale, layer), [Channels(layer), Channels(layer - 1), 4, 4], Channels(layer))
               select tensor,
            .. Enumerable.Range(0, Scales).SelectMany(scale => Convolution.Parameters(Layer(scale, _layers + 1), [1, Channels(_layers), 1, 1], 1)),
        ];
    }

    public IReadOnlyList<TensorSpec> Parameters { get; }

    /// <param name="images">[rows, C, H, W].</param>
    /// <returns>Logits of each scale, [rows, 1, h, w].</returns>
    public IReadOnlyList<Tensor> Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        var maps = new List<Tensor>();
        for (var scale = 0; scale < Scales; scale++)
        {
            images = scale == 0 ? images : Layers.HalveByMeans(images);
            var x = images;
            for (var layer = 1; layer <= _layers; layer++)
            {
                x = Layers.Convolve(parameters, Layer(scale, layer), x, 2, 1).leaky_relu(Layers.SmallSlope);
            }

            maps.Add(Layers.Convolve(parameters, Layer(scale, _layers + 1), x, 1, 0));
        }

        return maps;
    }

    private string Layer(int scale, int layer) => $"{_name}.scale{scale}.layer{layer}";
}
