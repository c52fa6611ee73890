using DivCo.Training.Data.Folders;

namespace DivCo.Training.Tests.Data.Folders;

public sealed class BicubicResizeTests
{
    /// <summary>Made by Pillow 9.4: Image.resize((5, 5), BICUBIC) of the same levels.</summary>
    [Fact]
    public void Levels_are_those_of_the_Python_imaging_library() => Assert.Equal(
        [42, 120, 157, 150, 163, 146, 123, 129, 166, 164, 111, 43, 91, 156, 124, 161, 125, 151, 162, 144, 138, 148, 129, 146, 124],
        BicubicResize.ToSquare(Picture(13, 9), 5));

    [Theory]
    [InlineData(13, 9, 16)]
    [InlineData(40, 23, 32)]
    [InlineData(7, 64, 9)]
    public void Levels_are_those_of_the_formula_in_float64(int width, int height, int size)
    {
        var picture = Picture(width, height);
        var expected = Formula(picture, size);
        var found = BicubicResize.ToSquare(picture, size);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(Math.Abs(expected[i] - found[i]), 0, 1.01); // levels in between are rounded, too
        }
    }

    [Fact]
    public void A_flat_picture_stays_flat_and_a_square_of_the_size_stays_itself()
    {
        Assert.All(BicubicResize.ToSquare(new Pixels(17, 31, 3, [.. Enumerable.Repeat((byte)200, 17 * 31 * 3)]), 24), level => Assert.Equal(200, level));
        var square = new Pixels(8, 8, 1, Picture(8, 8).Levels);
        Assert.Equal(square.Levels, BicubicResize.ToSquare(square, 8));
    }

    private static Pixels Picture(int width, int height) => new(
        width, height, 1, [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select (byte)((x * x * 7) + (y * 31) + (x * y % 5 * 40))]);

    private static double[] Formula(Pixels picture, int size)
    {
        var rows = new double[picture.Height, size];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < size; x++)
            {
                rows[y, x] = Clip(At(picture.Width, size, x, i => picture.Levels[(y * picture.Width) + i]));
            }
        }

        return [.. from y in Enumerable.Range(0, size) from x in Enumerable.Range(0, size) select Clip(At(picture.Height, size, y, i => rows[i, x]))];
    }

    private static double At(int source, int size, int place, Func<int, double> value)
    {
        var (scale, stretch) = ((double)source / size, Math.Max(1, (double)source / size));
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i < source; i++)
        {
            var d = Math.Abs((i + 0.5 - ((place + 0.5) * scale)) / stretch);
            var weight = d < 1 ? (1.5 * d * d * d) - (2.5 * d * d) + 1 : d < 2 ? (-0.5 * d * d * d) + (2.5 * d * d) - (4 * d) + 2 : 0;
            (sum, weights) = (sum + (weight * value(i)), weights + weight);
        }

        return sum / weights;
    }

    private static double Clip(double level) => Math.Clamp(level, 0, 255);
}
