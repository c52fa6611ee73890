namespace DivCo.Training.Data;

/// <summary>How an image is varied when it is read. A set follows it as far as it was opened for it.</summary>
/// <param name="CropX">In [0, 1): place of the window, of those that fit, from the left; nothing where the image has the model's size.</param>
/// <param name="CropY">As <paramref name="CropX"/>, from the top.</param>
/// <param name="Flip">Whether left and right are exchanged.</param>
public readonly record struct Augmentation(float CropX, float CropY, bool Flip)
{
    /// <summary>The middle of the image, not mirrored.</summary>
    public static Augmentation None { get; } = new(0.5f, 0.5f, false);

    /// <summary>Left edge of a window of <paramref name="size"/> pixels in an image of <paramref name="width"/>.</summary>
    internal int Left(int width, int size) => Place(CropX, width, size);

    /// <summary>Upper edge of a window of <paramref name="size"/> pixels in an image of <paramref name="height"/>.</summary>
    internal int Top(int height, int size) => Place(CropY, height, size);

    /// <summary>Exchanges left and right.</summary>
    /// <param name="rows">Rows of <paramref name="width"/> values, of any number of channels.</param>
    internal static void Mirror(Span<float> rows, int width)
    {
        for (var row = 0; row < rows.Length; row += width)
        {
            rows.Slice(row, width).Reverse();
        }
    }

    // The product is exact in float64, so the place is the same on every machine.
    private static int Place(float crop, int extent, int size) => Math.Clamp((int)((double)crop * (extent - size + 1)), 0, extent - size);
}
