namespace DivCo.Training.Data;

/// <summary>Levels of pixels as values of an image.</summary>
internal static class PixelValues
{
    // Exact in both ends: 0 is -1 and 255 is +1.
    private static readonly float[] _scaled = [.. Enumerable.Range(0, 256).Select(value => (float)((value / 127.5) - 1))];

    /// <param name="levels">0 to 255.</param>
    /// <param name="values">In [-1, 1].</param>
    public static void Scale(ReadOnlySpan<byte> levels, Span<float> values)
    {
        for (var i = 0; i < levels.Length; i++)
        {
            values[i] = _scaled[levels[i]];
        }
    }
}
