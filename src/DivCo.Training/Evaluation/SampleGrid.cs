using SkiaSharp;

namespace DivCo.Training.Evaluation;

/// <summary>Draws generated images as one picture: a row for each condition, a column for each latent.</summary>
public static class SampleGrid
{
    private const int Gutter = 2;
    private const byte GutterLevel = 96; // grey: both black and white images stand out from it
    private const int LegibleSize = 96;  // small images are enlarged by a whole factor to at least this many pixels
    private const int MaxSide = 16_384;

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

        var info = new SKImageInfo((int)(columns * cell) + Gutter, (int)(rows * cell) + Gutter, SKColorType.Rgba8888, SKAlphaType.Opaque);
        byte[] picture = Paint(images, columns, channels, size, scale, info);
        using SKImage image = SKImage.FromPixelCopy(info, picture);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>Pixels of the picture for one pixel of an image.</summary>
    internal static int ScaleOf(int size) => Math.Max(1, (LegibleSize + size - 1) / size);

    private static byte[] Paint(ReadOnlySpan<float> images, int columns, int channels, int size, int scale, SKImageInfo info)
    {
        byte[] picture = new byte[info.BytesSize];
        int cell = (size * scale) + Gutter;
        for (int y = 0; y < info.Height; y++)
        {
            for (int x = 0; x < info.Width; x++)
            {
                Span<byte> rgba = picture.AsSpan((y * info.RowBytes) + (x * 4), 4);
                rgba.Fill(GutterLevel);
                rgba[3] = byte.MaxValue;
                if (y % cell < Gutter || x % cell < Gutter)
                {
                    continue;
                }

                int image = ((y / cell) * columns) + (x / cell);
                int row = ((y % cell) - Gutter) / scale;
                int column = ((x % cell) - Gutter) / scale;
                for (int channel = 0; channel < 3; channel++)
                {
                    int plane = (image * channels) + (channels == 1 ? 0 : channel);
                    rgba[channel] = Level(images[(((plane * size) + row) * size) + column]);
                }
            }
        }

        return picture;
    }

    /// <summary>-1 to 0, 1 to 255, rounded to the nearest level.</summary>
    private static byte Level(float value) => (byte)Math.Clamp(Math.Floor((((double)value + 1) * 127.5) + 0.5), 0, 255);
}
