using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's attribute encoder in the form for concatenation: how an image looks within its domain, as a normal distribution of latents. The
/// domains share nothing; no norm, which would take away the looks.
/// </summary>
internal sealed class AttributeEncoder
{
    private const string Prefix = "attribute_encoder";
    private const int Blocks = 3;
    private static readonly Scalar Half = 0.5.ToScalar();

    public AttributeEncoder(ModelConfig model) =>
        Parameters = new TensorLayout([.. Own(Domain.A, model), .. Own(Domain.B, model)]);

    public TensorLayout Parameters { get; }

    /// <param name="images">Of the domain, [rows, C, H, W].</param>
    /// <returns>Means and logarithms of variances, [rows, latent dim] each.</returns>
    public static (Tensor Mean, Tensor LogVariance) Forward(IReadOnlyDictionary<string, Tensor> parameters, Domain domain, Tensor images)
    {
        var x = Layers.Convolve(parameters, $"{Name(domain)}.layer1", images, 2, 1);
        for (var block = 1; block <= Blocks; block++)
        {
            x = Halve(parameters, $"{Name(domain)}.block{block}", x);
        }

        var pooled = functional.adaptive_avg_pool2d(x.leaky_relu(Layers.Slope), [1, 1]).flatten(1);
        return (Linear(parameters, $"{Name(domain)}.mean", pooled), Linear(parameters, $"{Name(domain)}.log_variance", pooled));
    }

    /// <summary>Latents of the distributions: mean + noise * deviation.</summary>
    /// <param name="noise">N(0, 1), [rows, latent dim].</param>
    public static Tensor Sample(Tensor mean, Tensor logVariance, Tensor noise) => mean.add(noise * logVariance.mul(Half).exp(), Layers.One);

    private static Tensor Halve(IReadOnlyDictionary<string, Tensor> parameters, string block, Tensor x)
    {
        var inner = Layers.Convolve(parameters, $"{block}.layer1", x.leaky_relu(Layers.Slope), 1, 1).leaky_relu(Layers.Slope);
        var shortcut = Layers.Convolve(parameters, $"{block}.shortcut", functional.avg_pool2d(x, 2, 2), 1, 0);
        return functional.avg_pool2d(Layers.Convolve(parameters, $"{block}.layer2", inner, 1, 1), 2, 2).add(shortcut, Layers.One);
    }

    private static Tensor Linear(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x) =>
        functional.linear(x, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"]);

    private static string Name(Domain domain) => domain == Domain.A ? $"{Prefix}.a" : $"{Prefix}.b";

    private static IEnumerable<TensorSpec> Own(Domain domain, ModelConfig model)
    {
        long Channels(int block) => model.Width * (block + 1L);
        return
        [
            .. Convolution.Parameters($"{Name(domain)}.layer1", [model.Width, model.Channels, 4, 4], model.Width),
            .. Enumerable.Range(1, Blocks).SelectMany(block => (IEnumerable<TensorSpec>)
            [
                .. Convolution.Parameters($"{Name(domain)}.block{block}.layer1", [Channels(block - 1), Channels(block - 1), 3, 3], Channels(block - 1)),
                .. Convolution.Parameters($"{Name(domain)}.block{block}.layer2", [Channels(block), Channels(block - 1), 3, 3], Channels(block)),
                .. Convolution.Parameters($"{Name(domain)}.block{block}.shortcut", [Channels(block), Channels(block - 1), 1, 1], Channels(block)),
            ]),
            .. Layers.LinearParameters($"{Name(domain)}.mean", Channels(Blocks), model.LatentDim),
            .. Layers.LinearParameters($"{Name(domain)}.log_variance", Channels(Blocks), model.LatentDim),
        ];
    }
}
