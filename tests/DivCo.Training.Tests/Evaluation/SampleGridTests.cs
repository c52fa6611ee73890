using DivCo.Training.Evaluation;
using SkiaSharp;

namespace DivCo.Training.Tests.Evaluation;

public sealed class SampleGridTests
{
    [Theory]
    [InlineData(2, 3, 1, 32, 3)]
    [InlineData(3, 2, 3, 32, 3)]
    [InlineData(1, 1, 3, 5, 20)]
    [InlineData(2, 2, 1, 64, 2)]
    [InlineData(1, 2, 3, 128, 1)]
    public void Every_pixel_of_the_picture_is_its_image_s(int rows, int columns, int channels, int size, int scale)
    {
        var random = new Random(3);
        float[] images = [.. Enumerable.Range(0, rows * columns * channels * size * size).Select(_ => (float)((random.NextDouble() * 2.4) - 1.2))];
        using SKBitmap picture = SKBitmap.Decode(SampleGrid.EncodePng(images, rows, columns, channels, size));
        Assert.Equal((2 + (columns * (2 + (size * scale))), 2 + (rows * (2 + (size * scale)))), (picture.Width, picture.Height));
        byte[,][] expected = Gutters(picture.Width, picture.Height);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int left = 2 + (column * (2 + (size * scale)));
                int top = 2 + (row * (2 + (size * scale)));
                for (int y = 0; y < size * scale; y++)
                {
                    for (int x = 0; x < size * scale; x++)
                    {
                        expected[top + y, left + x] = Colour(images, (row * columns) + column, channels, size, y / scale, x / scale);
                    }
                }
            }
        }

        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                SKColor found = picture.GetPixel(x, y);
                Assert.Equal<byte[]>(expected[y, x], [found.Red, found.Green, found.Blue]);
            }
        }
    }

    [Fact]
    public void The_ends_of_the_scale_the_outside_and_nan_are_levels()
    {
        float[] images = [-1, 1, 0, -7, 7, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.999f];
        using SKBitmap picture = SKBitmap.Decode(SampleGrid.EncodePng(images, 1, 1, 1, 3));
        int cell = (picture.Width - 4) / 3;
        byte[] levels = [.. Enumerable.Range(0, 9).Select(i => picture.GetPixel(2 + (i % 3 * cell), 2 + (i / 3 * cell)).Red)];
        Assert.Equal<byte>([0, 255, 128, 0, 255, 0, 255, 0, 255], levels);
    }

    [Fact]
    public void The_same_images_give_the_same_bytes()
    {
        float[] images = [.. Enumerable.Range(0, 4 * 3 * 32 * 32).Select(i => (float)Math.Sin(i))];
        byte[] first = SampleGrid.EncodePng(images, 2, 2, 3, 32);
        Assert.All(Enumerable.Range(0, 8).AsParallel().Select(_ => SampleGrid.EncodePng(images, 2, 2, 3, 32)), again => Assert.Equal(first, again));
    }

    [Theory]
    [InlineData(2, 2, 1, 31)]
    [InlineData(0, 2, 1, 32)]
    [InlineData(2, 2, 2, 32)]
    [InlineData(2, 1_000_000, 1, 32)]
    public void Sizes_that_do_not_fit_are_refused(int rows, int columns, int channels, int size) =>
        Assert.ThrowsAny<ArgumentException>(() => SampleGrid.EncodePng(new float[4 * 32 * 32], rows, columns, channels, size));

    private static byte[,][] Gutters(int width, int height)
    {
        var colours = new byte[height, width][];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                colours[y, x] = [96, 96, 96];
            }
        }

        return colours;
    }

    private static byte[] Colour(float[] images, int image, int channels, int size, int y, int x)
    {
        byte[] colour = new byte[3];
        for (int channel = 0; channel < 3; channel++)
        {
            double value = images[(((image * channels) + (channel % channels)) * size * size) + (y * size) + x];
            colour[channel] = (byte)Math.Floor(Math.Clamp((value + 1) / 2 * 255, 0, 255) + 0.5);
        }

        return colour;
    }
}
