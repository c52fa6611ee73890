using System.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// BicycleGAN's encoder of an image into a latent: a convolution and residual blocks that halve the size down to 8 x 8, their average, and two
/// linear layers for mean and log variance. Blocks gain the width in feature maps, up to four times it.
/// </summary>
internal sealed class ResNetEncoder(ModelConfig model)
{
    private const string Prefix = "encoder";
    private const int PooledSide = 8;
    private readonly int _blocks = Blocks(model);

    public TensorLayout Parameters { get; } = new(
    [
        .. Layers.Parameters($"{Prefix}.layer1", [model.Width, model.Channels, 4, 4], model.Width),
        .. Enumerable.Range(1, Blocks(model)).SelectMany(block => (IEnumerable<TensorSpec>)
        [
            .. Layers.Parameters($"{Block(block)}.layer1", [Maps(model, block - 1), Maps(model, block - 1), 3, 3], Maps(model, block - 1)),
            .. Layers.Parameters($"{Block(block)}.layer2", [Maps(model, block), Maps(model, block - 1), 3, 3], Maps(model, block)),
            .. Layers.Parameters($"{Block(block)}.shortcut", [Maps(model, block), Maps(model, block - 1), 1, 1], Maps(model, block)),
        ]),
        .. Layers.Parameters($"{Prefix}.mean", [model.LatentDim, Maps(model, Blocks(model))], model.LatentDim),
        .. Layers.Parameters($"{Prefix}.log_variance", [model.LatentDim, Maps(model, Blocks(model))], model.LatentDim),
    ]);

    /// <param name="images">[rows, C, H, W].</param>
    /// <returns>Each [rows, latent dim].</returns>
    public (Tensor Mean, Tensor LogVariance) Forward(IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        var x = Layers.Convolve(parameters, $"{Prefix}.layer1", images, stride: 2);
        for (var block = 1; block <= _blocks; block++)
        {
            var residual = Layers.Convolve(parameters, $"{Block(block)}.layer1", Layers.Leaky(Layers.Normalize(x)));
            residual = Layers.Convolve(parameters, $"{Block(block)}.layer2", Layers.Leaky(Layers.Normalize(residual)));
            var shortcut = Layers.Convolve(parameters, $"{Block(block)}.shortcut", Layers.Pool(x, 2), padding: 0);
            x = Layers.Add(Layers.Pool(residual, 2), shortcut);
        }

        var pooled = Layers.Pool(Layers.Leaky(x), PooledSide).flatten(1);
        return (Linear("mean"), Linear("log_variance"));

        Tensor Linear(string head) => functional.linear(pooled, parameters[$"{Prefix}.{head}.weight"], parameters[$"{Prefix}.{head}.bias"]);
    }

    private static int Blocks(ModelConfig model) => BitOperations.Log2((uint)model.ImageSize) - 4;

    private static long Maps(ModelConfig model, int block) => (long)model.Width * Math.Min(block + 1, 4);

    private static string Block(int block) => $"{Prefix}.block{block}";
}
