using DivCo.Training.Checkpoints;
using DivCo.Training.Evaluation;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tasks;
using DivCo.Training.Tests.Checkpoints;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

public sealed class LpipsAlexNetTests
{
    private const int Side = 64;

    [Fact]
    public void The_distance_of_two_images_is_that_of_plain_loops()
    {
        using var folder = new TemporaryFolder();
        var tensors = GeneratedWeights.Of(LpipsAlexNet.Layout);
        using var net = new LpipsAlexNet(GeneratedWeights.Write(Path.Combine(folder.Path, "lpips.safetensors"), tensors));
        var images = Enumerable.Range(0, 2).Select(seed => RandomRows.Of(1, 3 * Side * Side, seed).Values.ToArray()).ToArray();
        using var scope = NewDisposeScope();
        var found = PerceptualDistance.Of(
            net.Layers(TensorMemory.Float32(images[0], 1, 3, Side, Side)), net.Layers(TensorMemory.Float32(images[1], 1, 3, Side, Side)), net.Weights);

        var weights = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Values.ToArray().Select(value => (double)value).ToArray());
        PlainMaps[][] layers = [.. images.Select(image => Layers(weights, image))];
        double expected = 0;
        for (int layer = 0; layer < 5; layer++)
        {
            (PlainMaps one, PlainMaps other, double[] linear) = (layers[0][layer], layers[1][layer], weights[$"lin{layer}.model.1.weight"]);
            int positions = one.Height * one.Width;
            for (int position = 0; position < positions; position++)
            {
                (double norm1, double norm2) = (Norm(one, position), Norm(other, position));
                expected += Enumerable.Range(0, one.Channels).Sum(channel => linear[channel] / positions * Math.Pow(
                    (one.Values[(channel * positions) + position] / norm1) - (other.Values[(channel * positions) + position] / norm2), 2));
            }
        }

        Assert.Equal([64, 192, 384, 256, 256], layers[0].Select(layer => layer.Channels));
        Assert.True(expected > 0.01);
        Assert.Equal(expected, found.Single(), 1e-4 * expected);
    }

    [Fact]
    public void Names_of_the_published_package_that_are_of_no_use_may_be_there_and_others_may_not()
    {
        using var folder = new TemporaryFolder();
        var tensors = GeneratedWeights.Of(LpipsAlexNet.Layout);
        tensors.Add(new TensorRecord("lins.0.model.1.weight", [1, 64, 1, 1], new float[64]));
        tensors.Add(new TensorRecord("scaling_layer.shift", [1, 3, 1, 1], new float[3]));
        using (var net = new LpipsAlexNet(GeneratedWeights.Write(Path.Combine(folder.Path, "lpips.safetensors"), tensors)))
        {
            using var scope = NewDisposeScope();
            var grey = TensorMemory.Float32(RandomRows.Of(2, 32 * 32, seed: 3).Values.Span, 2, 1, 32, 32);
            Assert.Equal(5, net.Layers(grey).Count);
        }

        tensors.Add(new TensorRecord("net.slice9.0.weight", [1], new float[1]));
        var refused = Assert.Throws<EvaluationException>(() => new LpipsAlexNet(GeneratedWeights.Write(Path.Combine(folder.Path, "more.safetensors"), tensors)));
        Assert.Contains("1 unexpected: net.slice9.0.weight", refused.Message, StringComparison.Ordinal);
    }

    private static PlainMaps[] Layers(Dictionary<string, double[]> weights, float[] image)
    {
        double[] shift = [-0.030, -0.088, -0.188], scale = [0.458, 0.448, 0.450];
        var scaled = new PlainMaps([.. image.Select(value => (double)value)], 3, Side, Side).Map((value, channel) => (value - shift[channel]) / scale[channel]);
        var one = Layer("net.slice1.0", scaled, 64, 11, 4, 2);
        var two = Layer("net.slice2.3", one.Pool(Enumerable.Max, 2, 0), 192, 5, 1, 2);
        var three = Layer("net.slice3.6", two.Pool(Enumerable.Max, 2, 0), 384, 3, 1, 1);
        var four = Layer("net.slice4.8", three, 256, 3, 1, 1);
        return [one, two, three, four, Layer("net.slice5.10", four, 256, 3, 1, 1)];

        PlainMaps Layer(string name, PlainMaps x, int outputs, int kernel, int stride, int padding) =>
            x.Convolve(weights[$"{name}.weight"], outputs, (kernel, kernel), stride, (padding, padding)).Map((value, channel) => value + weights[$"{name}.bias"][channel]).Relu();
    }

    private static double Norm(PlainMaps maps, int position) => Math.Sqrt(Enumerable.Range(0, maps.Channels)
        .Sum(channel => Math.Pow(maps.Values[(channel * maps.Height * maps.Width) + position], 2))) + 1e-10;
}
