using DivCo.Training.Checkpoints;
using DivCo.Training.Evaluation;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tasks;
using DivCo.Training.Tests.Checkpoints;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

public sealed class InceptionV3Tests
{
    private const int Side = 75; // the smallest at which no map vanishes

    // As published for the network without its last layer: 21,768,352 weights and biases, and 17,216 channels with a scale, a mean and a variance each.
    [Fact]
    public void It_has_the_published_number_of_parameters() =>
        Assert.Equal(21_768_352 + (3 * 17_216), InceptionV3.Layout.Parameters);

    [Fact]
    public void Its_features_are_those_of_plain_loops_over_the_published_architecture()
    {
        using var folder = new TemporaryFolder();
        var tensors = GeneratedWeights.Of(InceptionV3.Layout);
        tensors.Add(new TensorRecord("fc.bias", [1008], new float[1008]));
        using var net = new InceptionV3(GeneratedWeights.Write(Path.Combine(folder.Path, "inception.safetensors"), tensors), Side);
        var image = RandomRows.Of(1, 3 * Side * Side, seed: 3).Values.ToArray();
        using var scope = NewDisposeScope();
        var found = TensorMemory.Floats(net.Features(TensorMemory.Float32(image, 1, 3, Side, Side))).ToArray();

        var expected = Features(tensors.ToDictionary(tensor => tensor.Name), new PlainMaps([.. image.Select(value => (double)value)], 3, Side, Side));
        Assert.Equal(2048, found.Length);
        Assert.True(expected.Max() > 0.01);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-4 * expected.Max()));
    }

    [Fact]
    public void Grey_images_count_as_colours_that_are_equal_and_the_size_is_scaled()
    {
        using var folder = new TemporaryFolder();
        using var net = new InceptionV3(GeneratedWeights.Write(Path.Combine(folder.Path, "inception.safetensors"), GeneratedWeights.Of(InceptionV3.Layout)), Side);
        using var scope = NewDisposeScope();
        var grey = TensorMemory.Float32(RandomRows.Of(1, 32 * 32, seed: 3).Values.Span, 1, 1, 32, 32);
        var features = TensorMemory.Floats(net.Features(grey)).ToArray();
        Assert.Equal(features, TensorMemory.Floats(net.Features(grey.repeat(1, 3, 1, 1))).ToArray());
    }

    [Fact]
    public void A_file_that_does_not_fit_is_refused_with_the_names()
    {
        using var folder = new TemporaryFolder();
        var tensors = GeneratedWeights.Of(InceptionV3.Layout);
        tensors.RemoveAll(tensor => tensor.Name == "Mixed_5b.branch1x1.bn.bias");
        tensors.Add(new TensorRecord("Mixed_9z.conv.weight", [1], new float[1]));
        var wrong = tensors.FindIndex(tensor => tensor.Name == "Conv2d_1a_3x3.conv.weight");
        tensors[wrong] = tensors[wrong] with { Shape = [32, 1, 3, 9] };
        var path = GeneratedWeights.Write(Path.Combine(folder.Path, "inception.safetensors"), tensors);
        var refused = Assert.Throws<EvaluationException>(() => new InceptionV3(path));
        Assert.Equal(
            $"{path} does not hold the weights of InceptionV3: tensors 1 missing: Mixed_5b.branch1x1.bn.bias; tensors 1 unexpected: Mixed_9z.conv.weight; "
            + "tensors 1 of another shape: Conv2d_1a_3x3.conv.weight is [32, 1, 3, 9] instead of [32, 3, 3, 3]",
            refused.Message);
        Assert.Contains("nowhere.safetensors", Assert.Throws<EvaluationException>(() => new InceptionV3("/nowhere.safetensors")).Message, StringComparison.Ordinal);
    }

    private static double[] Features(Dictionary<string, TensorRecord> weights, PlainMaps x)
    {
        x = Valid("Conv2d_1a_3x3", x, 2);
        x = Valid("Conv2d_2a_3x3", x);
        x = Same("Conv2d_2b_3x3", x);
        x = x.Pool(Enumerable.Max, 2, 0);
        x = Valid("Conv2d_3b_1x1", x);
        x = Valid("Conv2d_4a_3x3", x);
        x = x.Pool(Enumerable.Max, 2, 0);
        foreach (string block in (string[])["Mixed_5b", "Mixed_5c", "Mixed_5d"])
        {
            x = PlainMaps.Concatenate(
                Same($"{block}.branch1x1", x),
                Chain(block, x, "branch5x5_1", "branch5x5_2"),
                Chain(block, x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
                Same($"{block}.branch_pool", x.Pool(Enumerable.Average, 1, 1)));
        }

        x = PlainMaps.Concatenate(
            Valid("Mixed_6a.branch3x3", x, 2),
            Valid("Mixed_6a.branch3x3dbl_3", Chain("Mixed_6a", x, "branch3x3dbl_1", "branch3x3dbl_2"), 2),
            x.Pool(Enumerable.Max, 2, 0));
        foreach (string block in (string[])["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"])
        {
            x = PlainMaps.Concatenate(
                Same($"{block}.branch1x1", x),
                Chain(block, x, "branch7x7_1", "branch7x7_2", "branch7x7_3"),
                Chain(block, x, "branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"),
                Same($"{block}.branch_pool", x.Pool(Enumerable.Average, 1, 1)));
        }

        x = PlainMaps.Concatenate(
            Valid("Mixed_7a.branch3x3_2", Same("Mixed_7a.branch3x3_1", x), 2),
            Valid("Mixed_7a.branch7x7x3_4", Chain("Mixed_7a", x, "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3"), 2),
            x.Pool(Enumerable.Max, 2, 0));
        foreach (string block in (string[])["Mixed_7b", "Mixed_7c"])
        {
            var three = Same($"{block}.branch3x3_1", x);
            var twice = Chain(block, x, "branch3x3dbl_1", "branch3x3dbl_2");
            x = PlainMaps.Concatenate(
                Same($"{block}.branch1x1", x),
                Same($"{block}.branch3x3_2a", three),
                Same($"{block}.branch3x3_2b", three),
                Same($"{block}.branch3x3dbl_3a", twice),
                Same($"{block}.branch3x3dbl_3b", twice),
                Same($"{block}.branch_pool", x.Pool(block == "Mixed_7b" ? Enumerable.Average : Enumerable.Max, 1, 1)));
        }

        return [.. x.Values.Chunk(x.Height * x.Width).Select(map => map.Average())];

        PlainMaps Chain(string block, PlainMaps input, params string[] names) => names.Aggregate(input, (inner, name) => Same($"{block}.{name}", inner));

        PlainMaps Same(string name, PlainMaps input) =>
            Layer(name, input, 1, ((int)weights[$"{name}.conv.weight"].Shape[2] / 2, (int)weights[$"{name}.conv.weight"].Shape[3] / 2));

        PlainMaps Valid(string name, PlainMaps input, int stride = 1) => Layer(name, input, stride, (0, 0));

        PlainMaps Layer(string name, PlainMaps input, int stride, (int, int) padding)
        {
            var weight = weights[$"{name}.conv.weight"];
            Assert.Equal(input.Channels, weight.Shape[1]);
            double[] scale = Values("weight"), bias = Values("bias"), mean = Values("running_mean"), variance = Values("running_var");
            return input.Convolve([.. weight.Values.ToArray().Select(value => (double)value)], (int)weight.Shape[0], ((int)weight.Shape[2], (int)weight.Shape[3]), stride, padding)
                .Map((value, channel) => ((value - mean[channel]) / Math.Sqrt(variance[channel] + 0.001) * scale[channel]) + bias[channel])
                .Relu();

            double[] Values(string of) => [.. weights[$"{name}.bn.{of}"].Values.ToArray().Select(value => (double)value)];
        }
    }
}
