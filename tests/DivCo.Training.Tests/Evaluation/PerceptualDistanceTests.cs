using DivCo.Training.Evaluation;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Evaluation;

public sealed class PerceptualDistanceTests
{
    private static readonly int[][] Layers = [[3, 4, 5], [6, 2, 2], [4, 1, 1]];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_the_formula_by_plain_loops(bool weighted)
    {
        using var scope = NewDisposeScope();
        const int pairs = 3;
        var one = Layers.Select((layer, i) => Random(pairs, layer, seed: i)).ToArray();
        var other = Layers.Select((layer, i) => Random(pairs, layer, seed: 10 + i)).ToArray();
        var weights = weighted ? Layers.Select((layer, i) => RandomRows.Of(1, layer[0], seed: 20 + i).Values.ToArray()).ToArray() : null;

        double[] expected = new double[pairs];
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            var (channels, positions) = (Layers[layer][0], Layers[layer][1] * Layers[layer][2]);
            for (int pair = 0; pair < pairs; pair++)
            {
                for (int position = 0; position < positions; position++)
                {
                    double norm1 = Norm(one[layer], pair, channels, positions, position);
                    double norm2 = Norm(other[layer], pair, channels, positions, position);
                    for (int channel = 0; channel < channels; channel++)
                    {
                        int at = (((pair * channels) + channel) * positions) + position;
                        double difference = (one[layer][at] / (norm1 + 1e-10)) - (other[layer][at] / (norm2 + 1e-10));
                        expected[pair] += (weights?[layer][channel] ?? 1) * difference * difference / positions;
                    }
                }
            }
        }

        var found = PerceptualDistance.Of(Tensors(one), Tensors(other), weights?.Select(values => TensorMemory.Float32(values, values.Length)).ToArray());
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(PerceptualDistance.Of(Tensors(one), Tensors(one)), distance => Assert.Equal(0, distance));

        Tensor[] Tensors(float[][] values) =>
            [.. values.Select((layer, i) => TensorMemory.Float32(layer, pairs, Layers[i][0], Layers[i][1], Layers[i][2]))];
    }

    [Fact]
    public void Layers_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        var layer = TensorMemory.Float32(new float[12], 1, 3, 2, 2);
        Assert.Throws<ArgumentException>(() => PerceptualDistance.Of([layer], []));
        Assert.Throws<ArgumentException>(() => PerceptualDistance.Of([layer], [TensorMemory.Float32(new float[12], 1, 3, 4, 1)]));
    }

    [Fact]
    public void Pairs_are_of_different_images_and_all_can_be_drawn()
    {
        var pairs = RandomPairs.Of(images: 4, pairs: 500, seed: 3, condition: 2);
        Assert.Equal(12, pairs.Distinct().Count());
        Assert.All(pairs, pair => Assert.True(pair.One != pair.Other && pair.One is >= 0 and < 4 && pair.Other is >= 0 and < 4));
        Assert.Equal(pairs, RandomPairs.Of(images: 4, pairs: 500, seed: 3, condition: 2));
        Assert.NotEqual(pairs, RandomPairs.Of(images: 4, pairs: 500, seed: 3, condition: 1));
    }

    private static float[] Random(int pairs, int[] layer, int seed) => RandomRows.Of(pairs, layer[0] * layer[1] * layer[2], seed).Values.ToArray();

    private static double Norm(float[] values, int pair, int channels, int positions, int position) => Math.Sqrt(Enumerable.Range(0, channels)
        .Sum(channel => Math.Pow(values[(((pair * channels) + channel) * positions) + position], 2)));
}
