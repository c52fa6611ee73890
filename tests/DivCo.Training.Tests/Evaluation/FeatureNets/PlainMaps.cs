namespace DivCo.Training.Tests.Evaluation.FeatureNets;

/// <summary>The feature maps of one image in float64, and the layers of image networks on them by plain loops.</summary>
internal sealed record PlainMaps(double[] Values, int Channels, int Height, int Width)
{
    public PlainMaps Convolve(double[] weights, int outputs, (int Height, int Width) kernel, int stride, (int Height, int Width) padding)
    {
        var result = Empty(outputs, (Height + (2 * padding.Height) - kernel.Height) / stride + 1, (Width + (2 * padding.Width) - kernel.Width) / stride + 1);
        for (int output = 0, at = 0; output < outputs; output++)
        {
            for (int row = 0; row < result.Height; row++)
            {
                for (int column = 0; column < result.Width; column++, at++)
                {
                    double sum = 0;
                    for (int channel = 0; channel < Channels; channel++)
                    {
                        for (int y = 0; y < kernel.Height; y++)
                        {
                            for (int x = 0; x < kernel.Width; x++)
                            {
                                (int r, int c) = ((row * stride) - padding.Height + y, (column * stride) - padding.Width + x);
                                if (r >= 0 && r < Height && c >= 0 && c < Width)
                                {
                                    sum += Values[(((channel * Height) + r) * Width) + c] * weights[(((((output * Channels) + channel) * kernel.Height) + y) * kernel.Width) + x];
                                }
                            }
                        }
                    }

                    result.Values[at] = sum;
                }
            }
        }

        return result;
    }

    /// <summary>Each value as a function of itself and its channel.</summary>
    public PlainMaps Map(Func<double, int, double> function) => this with { Values = [.. Values.Select((value, i) => function(value, i / (Height * Width)))] };

    public PlainMaps Relu() => Map((value, _) => Math.Max(0, value));

    /// <summary>A function of what lies within the map under a window of 3 x 3.</summary>
    public PlainMaps Pool(Func<IEnumerable<double>, double> function, int stride, int padding)
    {
        var result = Empty(Channels, (Height + (2 * padding) - 3) / stride + 1, (Width + (2 * padding) - 3) / stride + 1);
        for (int at = 0; at < result.Values.Length; at++)
        {
            (int channel, int row, int column) = (at / (result.Height * result.Width), at / result.Width % result.Height, at % result.Width);
            var window = from y in Enumerable.Range((row * stride) - padding, 3)
                         from x in Enumerable.Range((column * stride) - padding, 3)
                         where y >= 0 && y < Height && x >= 0 && x < Width
                         select Values[(((channel * Height) + y) * Width) + x];
            result.Values[at] = function(window);
        }

        return result;
    }

    public static PlainMaps Concatenate(params PlainMaps[] maps) =>
        maps[0] with { Values = [.. maps.SelectMany(map => map.Values)], Channels = maps.Sum(map => map.Channels) };

    private static PlainMaps Empty(int channels, int height, int width) => new(new double[channels * height * width], channels, height, width);
}
