using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's content encoder: what an image of either domain shows, in a form that both share. Each domain has its own layers down to a quarter
/// of the image's side; one residual block is common to both. In training, noise N(0, 1) is added to the content.
/// </summary>
internal sealed class ContentEncoder
{
    private const string Prefix = "content_encoder";
    private const string Shared = Prefix + ".shared.block1";
    private const int Blocks = 3;

    /// <summary>Side of the grid that features are pooled to.</summary>
    private const int FeatureGrid = 4;

    public ContentEncoder(ModelConfig model)
    {
        Channels = 4L * model.Width;
        Side = model.ImageSize / 4;
        Parameters = new TensorLayout([.. Own(Domain.A, model), .. Own(Domain.B, model), .. Layers.ResidualParameters(Shared, Channels)]);
    }

    public TensorLayout Parameters { get; }

    /// <summary>Maps of a content.</summary>
    public long Channels { get; }

    /// <summary>Height and width of a content.</summary>
    public int Side { get; }

    /// <summary>F: features of an image.</summary>
    public int FeatureLength => checked((int)Channels * FeatureGrid * FeatureGrid);

    /// <param name="images">Of the domain, [rows, C, H, W].</param>
    /// <returns>[rows, channels, H / 4, W / 4], without noise.</returns>
    public static Tensor Forward(IReadOnlyDictionary<string, Tensor> parameters, Domain domain, Tensor images)
    {
        var x = Layers.Convolve(parameters, Layer(domain, 1), images, 1, 3).leaky_relu(Layers.SmallSlope);
        x = Layers.InstanceNorm(Layers.Convolve(parameters, Layer(domain, 2), x, 2, 1)).relu();
        x = Layers.InstanceNorm(Layers.Convolve(parameters, Layer(domain, 3), x, 2, 1)).relu();
        for (var block = 1; block <= Blocks; block++)
        {
            x = Layers.Residual(parameters, Block(domain, block), x);
        }

        return Layers.Residual(parameters, Shared, x);
    }

    /// <summary>
    /// Features of contents: means over the cells of a 4 x 4 grid. Over the whole map they would say nothing of the residual blocks, whose
    /// last instance norm gives every map the mean 0.
    /// </summary>
    /// <returns>[rows, features], not normalised.</returns>
    public static Tensor Features(Tensor contents) => functional.adaptive_avg_pool2d(contents, [FeatureGrid, FeatureGrid]).flatten(1);

    private static string Layer(Domain domain, int layer) => $"{Prefix}.{DomainName(domain)}.layer{layer}";

    private static string Block(Domain domain, int block) => $"{Prefix}.{DomainName(domain)}.block{block}";

    private static string DomainName(Domain domain) => domain == Domain.A ? "a" : "b";

    private IEnumerable<TensorSpec> Own(Domain domain, ModelConfig model) =>
    [
        .. Convolution.Parameters(Layer(domain, 1), [model.Width, model.Channels, 7, 7], model.Width),
        .. Convolution.Parameters(Layer(domain, 2), [2L * model.Width, model.Width, 3, 3], 2L * model.Width),
        .. Convolution.Parameters(Layer(domain, 3), [Channels, 2L * model.Width, 3, 3], Channels),
        .. Enumerable.Range(1, Blocks).SelectMany(block => Layers.ResidualParameters(Block(domain, block), Channels)),
    ];
}
