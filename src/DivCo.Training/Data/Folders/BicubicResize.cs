namespace DivCo.Training.Data.Folders;

/// <summary>
/// Resizing by cubic convolution (Keys 1981, a = -0.5), the kernel widened where the image shrinks so that nothing aliases: first rows, then
/// columns, in fixed point with 22 bits and levels in between, as the Python imaging library does it that the published trainings were fed by.
/// Integers throughout: the same bits on every machine.
/// </summary>
internal static class BicubicResize
{
    private const int Precision = 22;
    private const double Radius = 2;

    /// <summary>All channels of <paramref name="image"/>, [channels, size, size].</summary>
    public static byte[] ToSquare(Pixels image, int size)
    {
        if (image.Width == size && image.Height == size)
        {
            return image.Levels;
        }

        var (across, down) = (Kernel(image.Width, size), Kernel(image.Height, size));
        var narrow = new byte[image.Channels * image.Height * size];
        for (var row = 0; row < image.Channels * image.Height; row++)
        {
            Apply(across, image.Levels.AsSpan(row * image.Width), 1, narrow.AsSpan(row * size), 1);
        }

        var square = new byte[image.Channels * size * size];
        for (var channel = 0; channel < image.Channels; channel++)
        {
            for (var column = 0; column < size; column++)
            {
                Apply(down, narrow.AsSpan((channel * image.Height * size) + column), size, square.AsSpan((channel * size * size) + column), size);
            }
        }

        return square;
    }

    private static void Apply((int First, int[] Weights)[] kernel, ReadOnlySpan<byte> source, int sourceStep, Span<byte> result, int resultStep)
    {
        for (var i = 0; i < kernel.Length; i++)
        {
            var (first, weights) = kernel[i];
            var sum = 1 << (Precision - 1);
            for (var j = 0; j < weights.Length; j++)
            {
                sum += source[(first + j) * sourceStep] * weights[j];
            }

            result[i * resultStep] = (byte)Math.Clamp(sum >> Precision, 0, 255);
        }
    }

    /// <summary>For each place of the result, which places of the source it is made from, and their weights, which sum to one.</summary>
    private static (int First, int[] Weights)[] Kernel(int source, int result)
    {
        var scale = (double)source / result;
        var stretch = Math.Max(scale, 1);
        var support = Radius * stretch;
        var kernel = new (int, int[])[result];
        for (var i = 0; i < result; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max((int)(centre - support + 0.5), 0);
            var end = Math.Min((int)(centre + support + 0.5), source);
            var weights = new double[end - first];
            for (var j = 0; j < weights.Length; j++)
            {
                weights[j] = Cubic((j + first - centre + 0.5) / stretch);
            }

            var sum = weights.Sum();
            kernel[i] = (first, Array.ConvertAll(weights, weight => ToFixed(weight / sum)));
        }

        return kernel;
    }

    private static int ToFixed(double weight) => (int)((weight * (1 << Precision)) + (weight < 0 ? -0.5 : 0.5));

    private static double Cubic(double x) => Math.Abs(x) switch
    {
        < 1 and var d => ((1.5 * d - 2.5) * d * d) + 1,
        < 2 and var d => ((((-0.5 * d) + 2.5) * d - 4) * d) + 2,
        _ => 0,
    };
}
