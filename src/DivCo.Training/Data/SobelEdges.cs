namespace DivCo.Training.Data;

/// <summary>
/// Outlines by the operator of Sobel and Feldman (1968): where brightness changes steeply. Only whether a pixel is on an edge is kept, not how
/// bright the one side is, so one edge map has many fillings. Integers throughout: the same bits on every machine.
/// </summary>
internal static class SobelEdges
{
    /// <summary>Of a gradient that is 1020 at a straight border of black and white.</summary>
    public const int Threshold = 256;

    /// <param name="levels">size * size grey levels; beyond the border they go on as at it.</param>
    /// <param name="edges">size * size: 1 on an edge, -1 elsewhere.</param>
    public static void Draw(ReadOnlySpan<byte> levels, int size, Span<float> edges)
    {
        for (var y = 0; y < size; y++)
        {
            var above = Row(levels, y - 1, size);
            var row = Row(levels, y, size);
            var below = Row(levels, y + 1, size);
            for (var x = 0; x < size; x++)
            {
                var (left, right) = (Math.Max(x - 1, 0), Math.Min(x + 1, size - 1));
                var across = above[right] + (2 * row[right]) + below[right] - above[left] - (2 * row[left]) - below[left];
                var down = below[left] + (2 * below[x]) + below[right] - above[left] - (2 * above[x]) - above[right];
                edges[(y * size) + x] = (across * across) + (down * down) >= Threshold * Threshold ? 1 : -1;
            }
        }
    }

    private static ReadOnlySpan<byte> Row(ReadOnlySpan<byte> levels, int y, int size) => levels.Slice(Math.Clamp(y, 0, size - 1) * size, size);
}
