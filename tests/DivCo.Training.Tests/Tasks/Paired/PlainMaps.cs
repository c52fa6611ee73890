using DivCo.Training.Tasks;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>Square feature maps of one image and layers on them as plain loops in float64, without libtorch.</summary>
internal sealed record PlainMaps(int Channels, int Size, double[] Values)
{
    public double this[int channel, int row, int column] => Values[(((channel * Size) + row) * Size) + column];

    public PlainMaps Convolve(FlatTensors tensors, string layer, int stride, int padding = 1)
    {
        var (weight, bias, shape) = Layer(tensors, layer);
        Assert.Equal(Channels, shape[1]);
        var (kernel, size) = ((int)shape[2], ((Size + (2 * padding) - (int)shape[2]) / stride) + 1);
        return Of((int)shape[0], size, (output, row, column) =>
        {
            var sum = (double)bias[output];
            for (var input = 0; input < Channels; input++)
            {
                for (var i = 0; i < kernel; i++)
                {
                    for (var j = 0; j < kernel; j++)
                    {
                        var (y, x) = ((row * stride) + i - padding, (column * stride) + j - padding);
                        sum += Inside(y, x) ? this[input, y, x] * weight[(((((output * Channels) + input) * kernel) + i) * kernel) + j] : 0;
                    }
                }
            }

            return sum;
        });
    }

    /// <summary>A transposed convolution, 4 x 4, stride 2, padding 1: every pixel is spread over 4 x 4.</summary>
    public PlainMaps Enlarge(FlatTensors tensors, string layer)
    {
        var (weight, bias, shape) = Layer(tensors, layer);
        Assert.Equal(Channels, shape[0]);
        var outputs = (int)shape[1];
        var result = Of(outputs, 2 * Size, (output, _, _) => bias[output]);
        for (var input = 0; input < Channels; input++)
        {
            for (var output = 0; output < outputs; output++)
            {
                for (var row = 0; row < Size * 4; row++)
                {
                    for (var column = 0; column < Size * 4; column++)
                    {
                        var ((y, i), (x, j)) = (Math.DivRem(row, 4), Math.DivRem(column, 4));
                        var (top, left) = ((2 * y) + i - 1, (2 * x) + j - 1);
                        if (result.Inside(top, left))
                        {
                            result.Values[(((output * result.Size) + top) * result.Size) + left] +=
                                this[input, y, x] * weight[(((((input * outputs) + output) * 4) + i) * 4) + j];
                        }
                    }
                }
            }
        }

        return result;
    }

    public PlainMaps Normalize() => PerChannel(map =>
    {
        var mean = map.Average();
        var deviation = Math.Sqrt(map.Average(x => (x - mean) * (x - mean)) + 1e-5);
        return [.. map.Select(x => (x - mean) / deviation)];
    });

    public PlainMaps Leaky() => Each(x => x > 0 ? x : 0.2 * x);

    public PlainMaps Relu() => Each(x => Math.Max(0, x));

    public PlainMaps Tanh() => Each(Math.Tanh);

    public PlainMaps Plus(PlainMaps other) => this with { Values = [.. Values.Zip(other.Values, (x, y) => x + y)] };

    public PlainMaps Beside(PlainMaps other) => new(Channels + other.Channels, Size, [.. Values, .. other.Values]);

    /// <summary>A plane for each element of a latent, after the maps.</summary>
    public PlainMaps Beside(double[] latent) => Beside(Of(latent.Length, Size, (channel, _, _) => latent[channel]));

    public PlainMaps Pool(int side) => Of(Channels, Size / side, (channel, row, column) =>
        Enumerable.Range(0, side * side).Average(i => this[channel, (row * side) + (i / side), (column * side) + (i % side)]));

    /// <summary>Means of 3 x 3 pixels around every second one, of those inside.</summary>
    public PlainMaps Blur() => Of(Channels, (Size + 1) / 2, (channel, row, column) => Enumerable.Range(0, 9)
        .Select(i => (Y: (2 * row) + (i / 3) - 1, X: (2 * column) + (i % 3) - 1))
        .Where(pixel => Inside(pixel.Y, pixel.X))
        .Average(pixel => this[channel, pixel.Y, pixel.X]));

    public double[] Means() => [.. Enumerable.Range(0, Channels).Select(channel => Values.Skip(channel * Size * Size).Take(Size * Size).Average())];

    public static double[] Linear(FlatTensors tensors, string layer, double[] inputs)
    {
        var (weight, bias, shape) = Layer(tensors, layer);
        return [.. Enumerable.Range(0, (int)shape[0]).Select(output => bias[output] + inputs.Select((x, i) => x * weight[(output * inputs.Length) + i]).Sum())];
    }

    public static PlainMaps Of(int channels, int size, Func<int, int, int, double> value) => new(
        channels,
        size,
        [.. Enumerable.Range(0, channels * size * size).Select(i => value(i / (size * size), i / size % size, i % size))]);

    private static (float[] Weight, float[] Bias, long[] Shape) Layer(FlatTensors tensors, string layer)
    {
        var weight = tensors.Constants[$"{layer}.weight"];
        return (TensorMemory.Floats(weight).ToArray(), TensorMemory.Floats(tensors.Constants[$"{layer}.bias"]).ToArray(), weight.shape);
    }

    private bool Inside(int row, int column) => row >= 0 && row < Size && column >= 0 && column < Size;

    private PlainMaps Each(Func<double, double> function) => this with { Values = Array.ConvertAll(Values, x => function(x)) };

    private PlainMaps PerChannel(Func<double[], double[]> function) => this with { Values = [.. Values.Chunk(Size * Size).SelectMany(function)] };
}
