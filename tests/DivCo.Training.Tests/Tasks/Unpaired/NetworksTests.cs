using DivCo.Training.Tasks;
using DivCo.Training.Tasks.Unpaired;
using static TorchSharp.torch;
using Generator = DivCo.Training.Tasks.Unpaired.Generator;

namespace DivCo.Training.Tests.Tasks.Unpaired;

public sealed class NetworksTests
{
    private static readonly ModelConfig _paper = new()
    {
        ImageSize = 256,
        Channels = 3,
        Width = 64,
        LatentDim = 8,
        FeatureDim = 0,
        Norm = Norm.Instance,
    };

    [Fact]
    public void At_the_papers_size_they_have_the_papers_parameters()
    {
        var content = new ContentEncoder(_paper);
        Assert.Equal(9_018_112, content.Parameters.Parameters);
        Assert.Equal(2_688_160, new AttributeEncoder(_paper).Parameters.Parameters);
        Assert.Equal(9_564_710, new Generator(_paper).Parameters.Parameters);
        Assert.Equal(8_271_171, new TensorLayout(new ImageDiscriminator(_paper, "d").Parameters).Parameters);

        // 54 is the side of a content of the published 216 pixels.
        Assert.Equal(10_683_649, new ContentDiscriminator(content.Channels, content.Side).Parameters.Parameters);
        Assert.Equal(10_683_649, new ContentDiscriminator(content.Channels, 54).Parameters.Parameters);
    }

    [Theory]
    [InlineData(32, 3, 8, 5, new[] { 4, 2, 1 })]
    [InlineData(64, 1, 8, 3, new[] { 4, 2, 1 })]
    [InlineData(128, 3, 2, 2, new[] { 8, 4, 2 })]
    [InlineData(256, 1, 8, 2, new[] { 16, 8, 4 })]
    public void They_fit_every_image_size(int size, int channels, int latentDim, int contentLogits, int[] imageLogits)
    {
        using var scope = NewDisposeScope();
        var model = _paper with { ImageSize = size, Channels = channels, Width = 2, LatentDim = latentDim };
        var encoder = new ContentEncoder(model);
        var images = Waves(3, channels, size, size).to(float32);
        var contents = ContentEncoder.Forward(Started(encoder.Parameters), Domain.B, images);
        Assert.Equal([3L, encoder.Channels, encoder.Side, encoder.Side], contents.shape);
        Assert.Equal([3L, encoder.FeatureLength], ContentEncoder.Features(contents).shape);

        var (mean, logVariance) = AttributeEncoder.Forward(Started(new AttributeEncoder(model).Parameters), Domain.A, images);
        Assert.Equal([3L, latentDim], mean.shape);
        Assert.Equal([3L, latentDim], logVariance.shape);
        Assert.Equal(images.shape, Generator.Forward(Started(new Generator(model).Parameters), Domain.A, contents, mean).shape);

        var content = new ContentDiscriminator(encoder.Channels, encoder.Side);
        Assert.Equal([3L, 1, contentLogits, contentLogits], content.Forward(Started(content.Parameters), contents).shape);
        var discriminator = new ImageDiscriminator(model, "d");
        var maps = discriminator.Forward(Started(new TensorLayout(discriminator.Parameters)), images);
        Assert.Equal(imageLogits.Select(side => new long[] { 3, 1, side, side }), maps.Select(map => map.shape));
    }

    [Theory]
    [InlineData(32, 3, 0)]
    [InlineData(64, 4, 1)]
    public void They_are_the_published_networks(int size, int layers, int halvings)
    {
        using var scope = NewDisposeScope();
        var model = _paper with { ImageSize = size, Width = 3, LatentDim = 5 };
        var content = new ContentDiscriminator(12, size / 4);
        var image = new ImageDiscriminator(model, "d");
        var parameters = new[] { new ContentEncoder(model).Parameters, new AttributeEncoder(model).Parameters, new Generator(model).Parameters, content.Parameters, new TensorLayout(image.Parameters) }
            .SelectMany(layout => Scattered(layout)).ToDictionary();
        var reference = new ReferenceNetworks(parameters);
        var (images, latents) = (Waves(2, 3, size, size), Waves(2, 5));
        foreach (var (domain, name) in new[] { (Domain.A, "a"), (Domain.B, "b") })
        {
            var contents = reference.Content(name, images);
            Same(contents, ContentEncoder.Forward(parameters, domain, images));
            var (mean, logVariance) = reference.Attribute(name, images);
            Same(mean, AttributeEncoder.Forward(parameters, domain, images).Mean);
            Same(logVariance, AttributeEncoder.Forward(parameters, domain, images).LogVariance);
            Same(reference.Generate(name, contents, latents), Generator.Forward(parameters, domain, contents, latents));
            Same(reference.JudgeContent(contents, halvings), content.Forward(parameters, contents));
        }

        Assert.All(reference.Judge("d", images, layers).Zip(image.Forward(parameters, images)), pair => Same(pair.First, pair.Second));
    }

    [Fact]
    public void A_latent_is_the_mean_and_noise_of_the_deviation()
    {
        using var scope = NewDisposeScope();
        var (mean, logVariance, noise) = (Waves(2, 4), Waves(3, 4)[1..], Waves(4, 4)[2..]);
        var latent = AttributeEncoder.Sample(mean, logVariance, noise)[1, 2].item<double>();
        Assert.Equal(
            mean[1, 2].item<double>() + (noise[1, 2].item<double>() * Math.Exp(logVariance[1, 2].item<double>() / 2)), latent, 1e-12);
    }

    [Fact]
    public void Features_see_the_residual_blocks()
    {
        using var scope = NewDisposeScope();
        var model = _paper with { ImageSize = 32, Width = 2 };
        var encoder = new ContentEncoder(model);
        var parameters = Scattered(encoder.Parameters);
        var images = Waves(1, 3, 32, 32);
        var before = ContentEncoder.Forward(parameters, Domain.A, images);
        parameters["content_encoder.shared.block1.layer2.weight"].neg_();
        var after = ContentEncoder.Forward(parameters, Domain.A, images);
        Same(before.mean([2, 3]), after.mean([2, 3]));
        Assert.True((ContentEncoder.Features(before) - ContentEncoder.Features(after)).abs().max().item<double>() > 0.01);
    }

    [Fact]
    public void They_start_as_published()
    {
        var layout = new Generator(_paper).Parameters;
        var weight = layout.Tensors.Single(tensor => tensor.Name == "generator.a.layer1.weight");
        Assert.Equal([272L, 136, 3, 3], weight.Shape);
        Assert.Equal(InitialValue.Normal(0.02), weight.Initial);
        Assert.Equal(InitialValue.Uniform(1 / Math.Sqrt(136 * 9)), layout.Tensors.Single(tensor => tensor.Name == "generator.a.layer1.bias").Initial);
        Assert.Equal(InitialValue.Constant(1), layout.Tensors.Single(tensor => tensor.Name == "generator.a.layer1.norm.weight").Initial);
        var linear = new AttributeEncoder(_paper).Parameters.Tensors.Single(tensor => tensor.Name == "attribute_encoder.b.log_variance.weight");
        Assert.Equal([8L, 256], linear.Shape);
        Assert.Equal(InitialValue.Uniform(1 / 16.0), linear.Initial);
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-10);
    }

    private static IReadOnlyDictionary<string, Tensor> Started(TensorLayout layout)
    {
        var tensors = new FlatTensors(layout);
        InitialWeights.Draw(tensors, 5);
        return tensors.Constants;
    }

    /// <summary>Values of all sizes, norms and biases included, so that none of them could be left out.</summary>
    private static Dictionary<string, Tensor> Scattered(TensorLayout layout) => layout.Tensors.ToDictionary(
        tensor => tensor.Name, tensor => TensorMemory.Float64([.. Enumerable.Range(0, tensor.Length).Select(i => 0.3 * Math.Sin(1 + (i * 1.7) + tensor.Name.Length))]).view(tensor.Shape));

    private static Tensor Waves(params long[] shape) =>
        TensorMemory.Float64([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (x, y) => x * y)).Select(i => Math.Sin(0.5 + (i * 0.37)))]).view(shape);
}
