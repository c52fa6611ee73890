using DivCo.Training.Tasks;
using DivCo.Training.Tasks.ClassConditional;
using static TorchSharp.torch;
using Generator = DivCo.Training.Tasks.ClassConditional.Generator;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

public sealed class NetworksTests
{
    private static readonly ModelConfig Paper = new()
    {
        ImageSize = 32,
        Channels = 3,
        Width = 128,
        LatentDim = 100,
        FeatureDim = 128,
        Norm = Norm.Batch,
    };

    [Fact]
    public void At_the_papers_size_they_have_the_papers_parameters()
    {
        var discriminator = new Discriminator(Paper, 10, EncoderHead.Projection);
        Assert.Equal(3_531_395, new Generator(Paper, 10).Parameters.Parameters);
        Assert.Equal(3_707_393, discriminator.Parameters.Parameters + discriminator.Frozen.Parameters);
        Assert.Equal(1_048_704, discriminator.Frozen.Parameters);
    }

    [Theory]
    [InlineData(32, Norm.Batch)]
    [InlineData(64, Norm.Instance)]
    [InlineData(128, Norm.None)]
    [InlineData(256, Norm.Batch)]
    public void They_fit_every_image_size(int size, Norm norm)
    {
        using var scope = NewDisposeScope();
        var model = Paper with { ImageSize = size, Width = 2, Norm = norm };
        var generator = new Generator(model, 10);
        var discriminator = new Discriminator(model, 10, EncoderHead.Projection);
        var labels = zeros([3, 10], float32);
        var images = generator.Forward(Started(generator.Parameters), generator.InTraining(Scratch(generator.Statistics)), ones([3, 100], float32), labels);
        Assert.Equal([3L, 3, size, size], images.shape);

        var parameters = Started(discriminator.Parameters);
        var trunk = discriminator.Trunk(parameters, discriminator.InTraining(Scratch(discriminator.Statistics)), images, labels);
        Assert.Equal(4, trunk.shape[2]);
        Assert.Equal([3L], discriminator.Logits(parameters, trunk).shape);
        Assert.Equal([3L, discriminator.FeatureLength], discriminator.Features(Started(discriminator.Frozen), trunk).shape);
    }

    [Fact]
    public void They_start_as_dcgan_does()
    {
        var parameters = Started(new Generator(Paper, 10).Parameters);
        var weight = parameters["generator.layer2.weight"].data<float>().ToArray();
        Assert.Equal(0, weight.Average(x => (double)x), 1e-4);
        Assert.Equal(0.02, Math.Sqrt(weight.Average(x => (double)x * x)), 1e-4);

        // libtorch's fan-in of a transposed convolution is outputs x kernel: 256 x 16.
        var bias = parameters["generator.layer2.bias"].data<float>().ToArray();
        Assert.InRange(bias.Max(Math.Abs), 0.95f / 64, 1f / 64);
        Assert.All(parameters["generator.layer2.norm.weight"].data<float>().ToArray(), x => Assert.Equal(1, x));
        Assert.All(parameters["generator.layer2.norm.bias"].data<float>().ToArray(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void Every_tensor_has_its_own_random_numbers_by_its_name()
    {
        TensorSpec first = new("a", [50], InitialValue.Normal(1)), second = new("b", [50], InitialValue.Normal(1));
        using var both = new FlatTensors(new TensorLayout([second, first]));
        using var alone = new FlatTensors(new TensorLayout([second]));
        InitialWeights.Draw(both, 9);
        InitialWeights.Draw(alone, 9);
        Assert.Equal(alone.ValuesOf(0).ToArray(), both.ValuesOf(1).ToArray());
        Assert.NotEqual(both.ValuesOf(0).ToArray(), both.ValuesOf(1).ToArray());
    }

    [Fact]
    public void Tensors_start_at_multiples_of_64_bytes_in_name_order()
    {
        using var tensors = new FlatTensors(new Discriminator(Paper with { Width = 3, Channels = 1 }, 10, EncoderHead.Projection).Parameters);
        Assert.All(tensors.Constants.Values.Concat(tensors.Leaves.Values), view => Assert.Equal(0, AddressOf(view) % 64));
        Assert.Equal(tensors.Layout.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), tensors.Layout.Tensors.Select(tensor => tensor.Name));
    }

    private static unsafe long AddressOf(Tensor tensor)
    {
        fixed (byte* address = tensor.bytes)
        {
            return (long)address;
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Started(TensorLayout layout)
    {
        var tensors = new FlatTensors(layout);
        InitialWeights.Draw(tensors, 5);
        return tensors.Constants;
    }

    private static FlatTensors? Scratch(TensorLayout layout) => layout.Length == 0 ? null : new FlatTensors(layout);
}
