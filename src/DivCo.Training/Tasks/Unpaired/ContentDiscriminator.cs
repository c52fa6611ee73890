using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>DRIT's content discriminator: tells from a content which domain its image is of. No norm.</summary>
/// <remarks>
/// Layers with kernel 7 halve the content for as long as at least 4 x 4 are left (three at the published 216 pixels and at 256, two at 128, one at
/// 64, none at 32), then one with kernel 4 takes these together: one logit, or a small map of them.
/// </remarks>
internal sealed class ContentDiscriminator
{
    private const string Prefix = "content_discriminator";
    private const int Kernel = 7, LastKernel = 4;

    private readonly int _halvings;

    /// <param name="channels">Maps of a content.</param>
    /// <param name="side">Height and width of a content.</param>
    public ContentDiscriminator(long channels, int side)
    {
        while (Halved(side) >= LastKernel)
        {
            (side, _halvings) = (Halved(side), _halvings + 1);
        }

        Parameters = new TensorLayout(
        [
            .. Enumerable.Range(1, _halvings).SelectMany(layer => Convolution.Parameters(Layer(layer), [channels, channels, Kernel, Kernel], channels)),
            .. Convolution.Parameters(Layer(_halvings + 1), [channels, channels, LastKernel, LastKernel], channels),
            .. Convolution.Parameters(Layer(_halvings + 2), [1, channels, 1, 1], 1),
        ]);
    }

    public TensorLayout Parameters { get; }

    /// <param name="contents">[rows, channels, side, side].</param>
    /// <returns>Logits, [rows, 1, h, w]; high for domain B.</returns>
    public Tensor Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor contents)
    {
        var x = contents;
        for (var layer = 1; layer <= _halvings; layer++)
        {
            x = Layers.Convolve(parameters, Layer(layer), x, 2, 1).leaky_relu(Layers.SmallSlope);
        }

        x = Layers.Convolve(parameters, Layer(_halvings + 1), x, 1, 0).leaky_relu(Layers.SmallSlope);
        return Layers.Convolve(parameters, Layer(_halvings + 2), x, 1, 0);
    }

    // Padded by 1 on both sides.
    private static int Halved(int side) => side + 2 < Kernel ? 0 : ((side + 2 - Kernel) / 2) + 1;

    private static string Layer(int layer) => $"{Prefix}.layer{layer}";
}
