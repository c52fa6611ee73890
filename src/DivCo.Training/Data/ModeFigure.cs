namespace DivCo.Training.Data;

/// <summary>Draws the figures of <see cref="Modes"/>: soft-edged, light (1) on dark (-1), in coordinates from -1 to 1 across the image.</summary>
internal static class ModeFigure
{
    private const double Radius = 0.3;
    private const double Edge = 0.12;
    private const double RingWidth = 0.12;
    private const double Diagonal = 0.7071067811865476;
    private const double Distance = 0.55;

    // Constants, not sines: a table has the same bits on every machine.
    private static readonly (double X, double Y)[] Directions =
        [(1, 0), (Diagonal, Diagonal), (0, 1), (-Diagonal, Diagonal), (-1, 0), (-Diagonal, -Diagonal), (0, -1), (Diagonal, -Diagonal)];

    private static readonly double[][] Tints = [[1, 0.35, 0.25], [0.3, 1, 0.4], [0.3, 0.5, 1], [1, 0.9, 0.3]];

    public static IReadOnlyList<string> Names { get; } = ["disc", "square", "diamond", "ring"];

    public static int Places => Directions.Length;

    /// <param name="chw">channels x size x size, filled with values in [-1, 1].</param>
    public static void Draw(int label, int mode, int size, int channels, Span<float> chw)
    {
        (double x, double y) = Directions[mode];
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double dx = Math.Abs(Coordinate(column, size) - (Distance * x));
                double dy = Math.Abs(Coordinate(row, size) - (Distance * y));
                double light = Math.Clamp(0.5 + (Inside(label, dx, dy) / Edge), 0, 1);
                for (int channel = 0; channel < channels; channel++)
                {
                    double tint = channels == 1 ? 1 : Tints[label][channel];
                    chw[(((channel * size) + row) * size) + column] = (float)((2 * light * tint) - 1);
                }
            }
        }
    }

    private static double Coordinate(int pixel, int size) => ((2 * pixel) + 1 - size) / (double)size;

    /// <summary>Positive within the figure, 0 on its outline, in units of the distance from it (for the diamond and the square by their own norms).</summary>
    private static double Inside(int label, double dx, double dy) => label switch
    {
        0 => Radius - Math.Sqrt((dx * dx) + (dy * dy)),
        1 => Radius - Math.Max(dx, dy),
        2 => Radius - ((dx + dy) * Diagonal),
        _ => RingWidth - Math.Abs(Radius - Math.Sqrt((dx * dx) + (dy * dy))),
    };
}
