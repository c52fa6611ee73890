using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks;

public sealed class NormLayersTests
{
    private static readonly TensorLayout Statistics = new(NormLayers.Statistics(Norm.Batch, "layer", 3));

    [Theory]
    [InlineData(Norm.Batch)]
    [InlineData(Norm.Instance)]
    public void Training_normalises_by_the_call(Norm norm)
    {
        using var scope = NewDisposeScope();
        using var statistics = new FlatTensors(Statistics);
        var x = Input();
        var normalised = new NormLayers(norm, statistics, training: true).Apply("layer", Parameters(), x);

        using var epsilon = 1e-5.ToScalar();
        using var one = 1.ToScalar();
        using var two = 2.ToScalar();
        long[] over = norm == Norm.Batch ? [0, 2, 3] : [2, 3];
        var exact = x.to(float64);
        var centred = exact - exact.mean(over, keepdim: true);
        var expected = centred / centred.pow(two).mean(over, keepdim: true).add(epsilon, one).sqrt();
        expected = (expected * Parameters()["layer.weight"].view(1, 3, 1, 1)).add(Parameters()["layer.bias"].view(1, 3, 1, 1), one);
        Assert.InRange((expected - normalised).abs().max().item<double>(), 0, 1e-5);
    }

    [Fact]
    public void A_call_in_training_leaves_its_mean_and_unbiased_variance_and_takes_nothing_from_before()
    {
        using var scope = NewDisposeScope();
        using var statistics = new FlatTensors(Statistics);
        statistics.Values.Fill(17);
        var x = Input();
        _ = new NormLayers(Norm.Batch, statistics, training: true).Apply("layer", Parameters(), x);

        var channels = x.permute(1, 0, 2, 3).flatten(1).to(float64);
        var (mean, variance) = (channels.mean([1]), channels.var([1], unbiased: true));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(mean[i].item<double>(), statistics.Constants["layer.running_mean"][i].item<float>(), 1e-6);
            Assert.Equal(variance[i].item<double>(), statistics.Constants["layer.running_var"][i].item<float>(), 1e-5);
        }
    }

    [Fact]
    public void Evaluation_uses_the_running_statistics_and_leaves_them()
    {
        using var scope = NewDisposeScope();
        using var statistics = new FlatTensors(Statistics);
        statistics.Constants["layer.running_mean"].copy_(TensorMemory.Float32([1, 2, 3], 3));
        statistics.Constants["layer.running_var"].copy_(TensorMemory.Float32([4, 9, 16], 3));
        var before = statistics.Values.ToArray();
        var x = Input();
        var normalised = new NormLayers(Norm.Batch, statistics, training: false).Apply("layer", Parameters(), x);

        var value = (x[1, 2, 0, 1].item<float>() - 3.0) / Math.Sqrt(16 + 1e-5);
        Assert.Equal((value * 0.5) + 0.3, normalised[1, 2, 0, 1].item<float>(), 1e-6);
        Assert.Equal(before, statistics.Values.ToArray());
    }

    private static Dictionary<string, Tensor> Parameters() => new()
    {
        ["layer.weight"] = TensorMemory.Float32([2, 1, 0.5f], 3),
        ["layer.bias"] = TensorMemory.Float32([0.1f, 0.2f, 0.3f], 3),
    };

    private static Tensor Input() =>
        TensorMemory.Float32([.. Enumerable.Range(0, 2 * 3 * 2 * 2).Select(i => (float)Math.Sin(1 + (i * 1.7)))], 2, 3, 2, 2);
}
