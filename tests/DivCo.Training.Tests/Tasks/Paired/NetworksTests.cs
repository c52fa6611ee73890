using DivCo.Training.Tasks;
using DivCo.Training.Tasks.Paired;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>The networks of BicycleGAN against the figures of its released code, and against plain loops in float64.</summary>
public sealed class NetworksTests
{
    private static readonly ModelConfig Paper = new()
    {
        ImageSize = 256,
        Channels = 3,
        Width = 64,
        LatentDim = 8,
        FeatureDim = 128,
        Norm = Norm.Instance,
    };

    private static readonly ModelConfig Small = Paper with { ImageSize = 32, Channels = 2, Width = 2, LatentDim = 3 };

    [Fact]
    public void At_the_papers_sizes_they_have_the_papers_parameters()
    {
        Assert.Equal(54_794_627, new UNet(Paper, 3).Parameters.Parameters);
        Assert.Equal(42_145_155, new UNet(Paper with { ImageSize = 128 }, 3).Parameters.Parameters);
        Assert.Equal(3_458_978, new PatchDiscriminator(Paper, "discriminator", 3).Parameters.Parameters);
        Assert.Equal(3_463_586, new PatchDiscriminator(Paper, "discriminator", 6).Parameters.Parameters);
        Assert.Equal(2_590_032, new ResNetEncoder(Paper).Parameters.Parameters);
    }

    [Theory]
    [InlineData(32, 6, 2)]
    [InlineData(64, 14, 6)]
    [InlineData(128, 30, 14)]
    [InlineData(256, 30, 14)]
    public void They_fit_every_image_size(int size, int fine, int coarse)
    {
        using var scope = NewDisposeScope();
        var model = Paper with { ImageSize = size, Width = 2 };
        var (generator, discriminator, encoder) = (new UNet(model, 1), new PatchDiscriminator(model, "discriminator", 3), new ResNetEncoder(model));
        var images = generator.Forward(Started(generator.Parameters).Constants, ones([2, 1, size, size], float32), ones([2, 8], float32));
        Assert.Equal([2L, 3, size, size], images.shape);
        Assert.Equal([[2L, 1, fine, fine], [2L, 1, coarse, coarse]], discriminator.Forward(Started(discriminator.Parameters).Constants, images).Select(map => map.shape));
        var (mean, logVariance) = encoder.Forward(Started(encoder.Parameters).Constants, images);
        Assert.Equal([2L, 8], mean.shape);
        Assert.Equal([2L, 8], logVariance.shape);
    }

    [Fact]
    public void They_start_xavier_normal_with_gain_0_02_and_biases_0()
    {
        var parameters = Started(new ResNetEncoder(Paper).Parameters).Constants;
        var weight = parameters["encoder.block2.layer2.weight"].data<float>().ToArray();
        Assert.Equal(0.02 * Math.Sqrt(2.0 / ((128 * 9) + (192 * 9))), Math.Sqrt(weight.Average(x => (double)x * x)), 5e-6);
        Assert.Equal(0.02 * Math.Sqrt(2.0 / (256 + 8)), Math.Sqrt(parameters["encoder.mean.weight"].data<float>().Average(x => (double)x * x)), 1e-4);
        Assert.All(parameters.Where(tensor => tensor.Key.EndsWith(".bias", StringComparison.Ordinal)), bias => Assert.All(bias.Value.data<float>(), x => Assert.Equal(0, x)));
    }

    [Fact]
    public void Layers_have_the_values_of_their_formulas()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(-1.584736644244, Layers.Normalize(Waves(0.2, 2, 2, 3))[0, 0, 0, 0].item<double>(), 1e-12);
        var blurred = Layers.Blur(Waves(0, 1, 5, 5));
        Assert.Equal([1L, 1, 3, 3], blurred.shape);
        Assert.Equal(0.148505738526, blurred[0, 0, 0, 0].item<double>(), 1e-12);
        Assert.Equal(0.293064506946, blurred[0, 0, 0, 1].item<double>(), 1e-12);
        Assert.Equal(1, Layers.Blur(ones([1, 1, 5, 5], float64))[0, 0, 0, 0].item<double>(), 1e-12);

        // sin(0.5 c + 0.2 h + 0.1 w + k)
        static Tensor Waves(double k, int channels, int height, int width) => tensor(
            [.. Enumerable.Range(0, channels * height * width).Select(i =>
                Math.Sin((0.5 * (i / (height * width))) + (0.2 * (i / width % height)) + (0.1 * (i % width)) + k))],
            [1, channels, height, width]);
    }

    [Fact]
    public void The_generator_is_a_u_net_with_the_latent_at_every_level()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small, 1);
        var tensors = Started(network.Parameters, scale: 20);
        var (input, latent) = (Image(1), (double[])[0.7, -1.3, 0.2]);

        var d1 = input.Beside(latent).Convolve(tensors, "generator.down1", 2);
        var d2 = Down(d1, 2).Normalize();
        var d3 = Down(d2, 3).Normalize();
        var d4 = Down(d3, 4).Normalize();
        var d5 = Down(d4, 5);
        Assert.Equal([2, 4, 8, 16, 16], new[] { d1, d2, d3, d4, d5 }.Select(maps => maps.Channels));
        var u5 = Up(d5, 5).Normalize().Beside(d4);
        var u4 = Up(u5, 4).Normalize().Beside(d3);
        var u3 = Up(u4, 3).Normalize().Beside(d2);
        var u2 = Up(u3, 2).Normalize().Beside(d1);
        Near(Up(u2, 1).Tanh().Values, network.Forward(tensors.Constants, AsTensor(input), tensor(latent).to(float32).unsqueeze(0)));

        PlainMaps Down(PlainMaps maps, int level) => maps.Beside(latent).Leaky().Convolve(tensors, $"generator.down{level}", 2);
        PlainMaps Up(PlainMaps maps, int level) => maps.Relu().Enlarge(tensors, $"generator.up{level}");
    }

    [Fact]
    public void Features_are_the_averages_of_the_three_innermost_convolutions_with_the_latent_0()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small, 2);
        var tensors = Started(network.Parameters, scale: 20);
        var (image, zero) = (Image(2), new double[3]);
        var d2 = image.Beside(zero).Convolve(tensors, "generator.down1", 2).Beside(zero).Leaky().Convolve(tensors, "generator.down2", 2).Normalize();
        var d3 = Down(d2, 3);
        var d4 = Down(d3.Normalize(), 4);
        var d5 = Down(d4.Normalize(), 5);
        double[] expected = [.. d3.Means(), .. d4.Means(), .. d5.Means()];
        Assert.Equal(network.FeatureLength, expected.Length);
        Near(expected, network.Features(tensors.Constants, AsTensor(image)));

        PlainMaps Down(PlainMaps maps, int level) => maps.Beside(zero).Leaky().Convolve(tensors, $"generator.down{level}", 2);
    }

    [Fact]
    public void The_discriminator_judges_patches_on_two_scales()
    {
        using var scope = NewDisposeScope();
        var network = new PatchDiscriminator(Small, "discriminator2", 2);
        var tensors = Started(network.Parameters, scale: 20);
        var image = Image(2);
        var maps = network.Forward(tensors.Constants, AsTensor(image));
        Near(Judge(image, 0).Values, maps[0]);
        Near(Judge(image.Blur(), 1).Values, maps[1]);

        PlainMaps Judge(PlainMaps x, int scale)
        {
            x = x.Convolve(tensors, $"discriminator2.scale{scale}.layer1", 2).Leaky();
            x = x.Convolve(tensors, $"discriminator2.scale{scale}.layer2", 2).Normalize().Leaky();
            x = x.Convolve(tensors, $"discriminator2.scale{scale}.layer3", 1).Normalize().Leaky();
            Assert.Equal(scale == 0 ? 8 : 4, x.Channels);
            return x.Convolve(tensors, $"discriminator2.scale{scale}.layer4", 1);
        }
    }

    [Fact]
    public void The_encoder_is_a_residual_network()
    {
        using var scope = NewDisposeScope();
        var network = new ResNetEncoder(Small with { ImageSize = 64 });
        var tensors = Started(network.Parameters, scale: 20);
        var image = PlainMaps.Of(2, 64, (c, h, w) => Math.Sin((0.9 * c) + (0.31 * h) - (0.17 * w)));
        var x = Block(Block(image.Convolve(tensors, "encoder.layer1", 2), 1), 2);
        Assert.Equal(6, x.Channels);
        var pooled = x.Leaky().Means();
        var (mean, logVariance) = network.Forward(tensors.Constants, AsTensor(image));
        Near(PlainMaps.Linear(tensors, "encoder.mean", pooled), mean);
        Near(PlainMaps.Linear(tensors, "encoder.log_variance", pooled), logVariance);

        PlainMaps Block(PlainMaps input, int block) => input
            .Normalize().Leaky().Convolve(tensors, $"encoder.block{block}.layer1", 1)
            .Normalize().Leaky().Convolve(tensors, $"encoder.block{block}.layer2", 1)
            .Pool(2).Plus(input.Pool(2).Convolve(tensors, $"encoder.block{block}.shortcut", 1, padding: 0));
    }

    private static PlainMaps Image(int channels) => PlainMaps.Of(channels, 32, (c, h, w) => Math.Sin((0.9 * c) + (0.31 * h) - (0.17 * w)));

    private static Tensor AsTensor(PlainMaps maps) => tensor(maps.Values, [1, maps.Channels, maps.Size, maps.Size]).to(float32).clone();

    private static void Near(double[] expected, Tensor actual)
    {
        var values = actual.contiguous().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        var largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * largest));
    }

    /// <param name="scale">Makes more of the small weights that networks start with, and of biases, so that every layer shows.</param>
    private static FlatTensors Started(TensorLayout layout, float scale = 1)
    {
        var tensors = new FlatTensors(layout);
        InitialWeights.Draw(tensors, 5);
        for (var i = 0; scale != 1 && i < layout.Tensors.Count; i++)
        {
            var values = tensors.ValuesOf(i);
            for (var j = 0; j < values.Length; j++)
            {
                values[j] = layout.Tensors[i].Shape.Length == 1 ? MathF.Sin(i + j) / 4 : values[j] * scale;
            }
        }

        return tensors;
    }
}
