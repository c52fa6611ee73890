using DivCo.Training.Data;
using DivCo.Training.Tests.Checkpoints;
using SkiaSharp;

namespace DivCo.Training.Tests.Data.Folders;

/// <summary>A temporary folder of images whose levels are known.</summary>
internal sealed class ImageTree : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Path;

    /// <summary>A level that differs from pixel to pixel, channel to channel and image to image.</summary>
    public static byte Level(int seed, int channel, int x, int y) => (byte)((seed * 37) + (channel * 101) + (x * 7) + (y * 13) + (x * y % 11));

    public string File(string name) => _folder.File(name.Split('/'));

    public ImageTree Add(string name, int seed, int width, int height, bool grey = false, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, grey ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var red = Level(seed, 0, x, y);
                bitmap.SetPixel(x, y, grey ? new SKColor(red, red, red) : new SKColor(red, Level(seed, 1, x, y), Level(seed, 2, x, y)));
            }
        }

        using var data = bitmap.Encode(format, 90);
        return Add(name, data.ToArray());
    }

    public ImageTree Add(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllBytes(File(name), bytes);
        return this;
    }

    public DatasetRequest Request(DatasetKind kind, int size, Split split = Split.Train, int channels = 3) =>
        new("image-folder", split, size, channels, DataRoot: null) { Kind = kind, Path = Root };

    public void Dispose() => _folder.Dispose();
}
