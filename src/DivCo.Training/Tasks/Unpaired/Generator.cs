using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's generator in the form with concatenation: an image of a domain from a content and a latent. One residual block is common to both
/// domains. The latent is joined to the maps as planes, behind them, before the domain's own residual blocks and before each of its other layers.
/// </summary>
internal sealed class Generator
{
    private const string Prefix = "generator";
    private const string Shared = Prefix + ".shared.block1";
    private const int Blocks = 3;

    public Generator(ModelConfig model) => Parameters = new TensorLayout(
        [.. Layers.ResidualParameters(Shared, 4L * model.Width), .. Own(Domain.A, model), .. Own(Domain.B, model)]);

    public TensorLayout Parameters { get; }

    /// <param name="contents">[rows, 4 width, H / 4, W / 4].</param>
    /// <param name="latents">[rows, latent dim].</param>
    /// <returns>Images of the domain [rows, C, H, W] in (-1, 1).</returns>
    public static Tensor Forward(IReadOnlyDictionary<string, Tensor> parameters, Domain domain, Tensor contents, Tensor latents)
    {
        var x = Join(Layers.Residual(parameters, Shared, contents), latents);
        for (var block = 1; block <= Blocks; block++)
        {
            x = Layers.Residual(parameters, $"{Name(domain)}.block{block}", x);
        }

        for (var layer = 1; layer <= 2; layer++)
        {
            x = Layers.Double(parameters, $"{Name(domain)}.layer{layer}", Join(x, latents));
            x = Layers.LayerNorm(parameters, $"{Name(domain)}.layer{layer}.norm", x).relu();
        }

        return nn.functional.conv_transpose2d(
            Join(x, latents), parameters[$"{Name(domain)}.layer3.weight"], parameters[$"{Name(domain)}.layer3.bias"]).tanh();
    }

    private static Tensor Join(Tensor maps, Tensor latents) =>
        cat([maps, latents.view(latents.shape[0], -1, 1, 1).expand(latents.shape[0], latents.shape[1], maps.shape[2], maps.shape[3])], 1);

    private static string Name(Domain domain) => domain == Domain.A ? $"{Prefix}.a" : $"{Prefix}.b";

    private static IEnumerable<TensorSpec> Own(Domain domain, ModelConfig model)
    {
        // Each doubling takes maps and latent together and gives half as many maps.
        long latent = model.LatentDim, first = (2L * model.Width) + latent, second = model.Width + latent;
        return
        [
            .. Enumerable.Range(1, Blocks).SelectMany(block => Layers.ResidualParameters($"{Name(domain)}.block{block}", (4L * model.Width) + latent)),
            .. Convolution.Parameters($"{Name(domain)}.layer1", [2 * first, first, 3, 3], first),
            .. Layers.LayerNormParameters($"{Name(domain)}.layer1.norm", first),
            .. Convolution.Parameters($"{Name(domain)}.layer2", [2 * second, second, 3, 3], second),
            .. Layers.LayerNormParameters($"{Name(domain)}.layer2.norm", second),
            .. Convolution.Parameters($"{Name(domain)}.layer3", [second + latent, model.Channels, 1, 1], model.Channels),
        ];
    }
}
