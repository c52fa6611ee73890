using DivCo.Training.Tasks;
using DivCo.Training.Tasks.Unpaired;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>Values that PyTorch 1.13 gives, in float64.</summary>
public sealed class LayersTests
{
    private const int Digits = 11;

    [Fact]
    public void Layer_norm_is_over_all_maps_of_an_image()
    {
        using var scope = NewDisposeScope();
        var parameters = new Dictionary<string, Tensor> { ["norm.weight"] = ones([2], float64), ["norm.bias"] = zeros([2], float64) };
        Assert.Equal(-1.740858965815, Layers.LayerNorm(parameters, "norm", Input(0.2, 1, 2, 2, 3))[0, 0, 0, 0].item<double>(), Digits);
    }

    [Fact]
    public void Layer_norm_has_a_factor_and_a_summand_for_each_channel()
    {
        using var scope = NewDisposeScope();
        var x = Input(0.2, 1, 2, 2, 3);
        var plain = Layers.LayerNorm(new Dictionary<string, Tensor> { ["norm.weight"] = ones([2], float64), ["norm.bias"] = zeros([2], float64) }, "norm", x);
        var scaled = Layers.LayerNorm(
            new Dictionary<string, Tensor> { ["norm.weight"] = TensorMemory.Float64([2, 3]), ["norm.bias"] = TensorMemory.Float64([0.5, -1]) }, "norm", x);
        Assert.Equal((3 * plain[0, 1, 1, 2].item<double>()) - 1, scaled[0, 1, 1, 2].item<double>(), Digits);
        Assert.Equal((2 * plain[0, 0, 1, 2].item<double>()) + 0.5, scaled[0, 0, 1, 2].item<double>(), Digits);
    }

    [Fact]
    public void Instance_norm_is_over_one_map()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(-1.584736644244, Layers.InstanceNorm(Input(0.2, 1, 2, 2, 3))[0, 0, 0, 0].item<double>(), Digits);
    }

    [Fact]
    public void Means_leave_out_what_lies_outside_the_image()
    {
        using var scope = NewDisposeScope();
        var means = Layers.HalveByMeans(Input(0, 1, 1, 5, 5));
        Assert.Equal([1L, 1, 3, 3], means.shape);
        Assert.Equal(0.148505738526, means[0, 0, 0, 0].item<double>(), Digits);
        Assert.Equal(0.293064506946, means[0, 0, 0, 1].item<double>(), Digits);
        Assert.All(TensorMemory.Doubles(Layers.HalveByMeans(ones([1, 1, 5, 5], float64))).ToArray(), mean => Assert.Equal(1, mean));
    }

    /// <summary>sin(0.3 b + 0.5 c + 0.2 h + 0.1 w + k).</summary>
    private static Tensor Input(double k, int images, int channels, int height, int width)
    {
        var values = from b in Enumerable.Range(0, images)
                     from c in Enumerable.Range(0, channels)
                     from h in Enumerable.Range(0, height)
                     from w in Enumerable.Range(0, width)
                     select Math.Sin((0.3 * b) + (0.5 * c) + (0.2 * h) + (0.1 * w) + k);
        return TensorMemory.Float64([.. values]).view(images, channels, height, width);
    }
}
