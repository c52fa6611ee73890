using SkiaSharp;

namespace DivCo.Training.Evaluation;

/// <summary>Draws generated images as one picture: a row for each condition, a column for each latent.</summary>
public static class SampleGrid
{
    private const int Gutter = 2;
    private const byte GutterLevel = 96; // grey: both black and white images stand out from it
    private const int LegibleSize = 96;  // small images are enlarged by a whole factor to at least this many pixels
    private const int MaxSide = 16_384;
    private const int ZlibLevel = 3;

    /// <summary>Encodes the grid as PNG; the same images give the same bytes.</summary>
    /// <param name="images">[rows, columns, channels, size, size] in [-1, 1]; values outside are clipped, NaN is black.</param>
    /// <param name="channels">1 (grey) or 3 (red, green, blue).</param>
    /// <exception cref="ArgumentException">The sizes do not fit the images, or the picture would be wider or higher than 16,384 pixels.</exception>
    public static byte[] EncodePng(ReadOnlySpan<float> images, int rows, int columns, int channels, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "an image has 1 or 3 channels");
        }

        int scale = ScaleOf(size);
        long cell = ((long)size * scale) + Gutter;
        if (Math.Max(rows, columns) * cell + Gutter > MaxSide)
        {
            throw new ArgumentException($"a grid of {rows} x {columns} images of {size} pixels is larger than {MaxSide} pixels; show fewer images");
        }

        if (images.Length != (long)rows * columns * channels * size * size)
        {
            throw new ArgumentException($"{images.Length} values are no {rows} x {columns} images of {channels} x {size} x {size}", nameof(images));
        }

        var info = new SKImageInfo(
            (int)(columns * cell) + Gutter, (int)(rows * cell) + Gutter, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        using SKPixmap pixels = bitmap.PeekPixels();
        Paint(images, columns, channels, size, scale, pixels);

        // Enlarged rows repeat, so the difference to the row above is mostly zero: trying other filters would take most of the time.
        using SKData png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, ZlibLevel))
            ?? throw new InvalidOperationException($"a picture of {info.Width} x {info.Height} pixels cannot be encoded as PNG");
        return png.ToArray();
    }

    /// <summary>Pixels of the picture for one pixel of an image.</summary>
    internal static int ScaleOf(int size) => Math.Max(1, (LegibleSize + size - 1) / size);

    private static void Paint(ReadOnlySpan<float> images, int columns, int channels, int size, int scale, SKPixmap pixels)
    {
        Span<byte> picture = pixels.GetPixelSpan();
        picture.Fill(GutterLevel);
        int cell = (size * scale) + Gutter;
        int bytes = pixels.BytesPerPixel;
        for (int top = Gutter; top < pixels.Height; top += cell)
        {
            for (int row = 0; row < size; row++)
            {
                Span<byte> line = picture.Slice((top + (row * scale)) * pixels.RowBytes, pixels.RowBytes);
                for (int column = 0; column < columns; column++)
                {
                    int image = ((top / cell) * columns) + column;
                    ReadOnlySpan<float> planes = images.Slice(image * channels * size * size, channels * size * size);
                    PaintRow(planes[(row * size)..], size, channels, scale, line.Slice((Gutter + (column * cell)) * bytes, size * scale * bytes));
                }

                for (int copy = 1; copy < scale; copy++)
                {
                    line.CopyTo(picture[((top + (row * scale) + copy) * pixels.RowBytes)..]);
                }
            }
        }
    }

    /// <param name="planes">From the row's first value in the first channel on.</param>
    private static void PaintRow(ReadOnlySpan<float> planes, int size, int channels, int scale, Span<byte> line)
    {
        int bytes = channels == 1 ? 1 : 4;
        for (int x = 0; x < size; x++)
        {
            Span<byte> pixel = line.Slice(x * scale * bytes, bytes);
            pixel.Fill(byte.MaxValue);
            for (int channel = 0; channel < channels; channel++)
            {
                pixel[channel] = Level(planes[(channel * size * size) + x]);
            }

            for (int copy = 1; copy < scale; copy++)
            {
                pixel.CopyTo(line[(((x * scale) + copy) * bytes)..]);
            }
        }
    }

    /// <summary>-1 to 0, 1 to 255, rounded to the nearest level.</summary>
    internal static byte Level(float value) => (byte)Math.Clamp(Math.Floor((((double)value + 1) * 127.5) + 0.5), 0, 255);
}
