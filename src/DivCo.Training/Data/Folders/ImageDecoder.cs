using SkiaSharp;

namespace DivCo.Training.Data.Folders;

/// <summary>
/// PNG and JPEG to pixels. The same bytes give the same pixels: no colour management, no rotation by metadata, transparency is dropped. What the
/// file says of itself is checked against <see cref="ImageLimits"/> before anything is allocated.
/// </summary>
internal static class ImageDecoder
{
    /// <exception cref="InvalidDataException">It is no image that can be used; says why.</exception>
    public static Pixels Decode(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new InvalidDataException("is not an image");
        var channels = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Png => PngChannels(file),
            SKEncodedImageFormat.Jpeg => codec.Info.ColorType == SKColorType.Gray8 ? 1 : 3,
            var other => throw new InvalidDataException($"is {other}, not PNG or JPEG"),
        };
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1 || Math.Max(width, height) > ImageLimits.MaxSide || (long)width * height > ImageLimits.MaxPixels)
        {
            throw new InvalidDataException(
                $"has {width} x {height} pixels; at most {ImageLimits.MaxSide} in a side and {ImageLimits.MaxPixels} in all are allowed");
        }

        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        return result == SKCodecResult.Success
            ? new Pixels(width, height, channels, Planes(bitmap.GetPixelSpan(), bitmap.RowBytes, width, height, channels))
            : throw new InvalidDataException(result == SKCodecResult.IncompleteInput ? "is cut off" : $"is damaged ({result})");
    }

    /// <summary>By the colour type of the header, which libraries that decode to red, green and blue do not tell.</summary>
    private static int PngChannels(byte[] file) => file.Length > 25 && file[25] is 0 or 4 ? 1 : 3;

    private static byte[] Planes(ReadOnlySpan<byte> rgba, int rowBytes, int width, int height, int channels)
    {
        var levels = new byte[channels * width * height];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    levels[(((channel * height) + y) * width) + x] = rgba[(y * rowBytes) + (4 * x) + channel];
                }
            }
        }

        return levels;
    }
}
