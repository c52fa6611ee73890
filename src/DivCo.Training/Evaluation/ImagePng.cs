using SkiaSharp;

namespace DivCo.Training.Evaluation;

/// <summary>One generated image as a picture of its own size.</summary>
public static class ImagePng
{
    /// <param name="image">[channels, size, size] in [-1, 1]; values outside are clipped, NaN is black.</param>
    /// <param name="channels">1 (grey) or 3 (red, green, blue).</param>
    public static byte[] Encode(ReadOnlySpan<float> image, int channels, int size)
    {
        var info = new SKImageInfo(size, size, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        using var pixels = bitmap.PeekPixels();
        var levels = pixels.GetPixelSpan();
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var pixel = levels.Slice((y * pixels.RowBytes) + (x * pixels.BytesPerPixel), pixels.BytesPerPixel);
                pixel.Fill(byte.MaxValue);
                for (var channel = 0; channel < channels; channel++)
                {
                    pixel[channel] = SampleGrid.Level(image[(((channel * size) + y) * size) + x]);
                }
            }
        }

        using var png = pixels.Encode(SKPngEncoderOptions.Default) ?? throw new InvalidOperationException($"an image of {size} pixels cannot be encoded as PNG");
        return png.ToArray();
    }
}
