namespace DivCo.Training.Data.Folders;

/// <summary>A decoded image.</summary>
/// <param name="Levels">[channels, height, width], 0 to 255.</param>
internal sealed record Pixels(int Width, int Height, int Channels, byte[] Levels)
{
    /// <summary>The part from column <paramref name="left"/> on.</summary>
    public Pixels Columns(int left, int width)
    {
        var part = new byte[Channels * Height * width];
        for (var row = 0; row < Channels * Height; row++)
        {
            Levels.AsSpan((row * Width) + left, width).CopyTo(part.AsSpan(row * width));
        }

        return new Pixels(width, Height, Channels, part);
    }
}
