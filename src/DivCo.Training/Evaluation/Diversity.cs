namespace DivCo.Training.Evaluation;

/// <summary>How different the images of one condition are: 0 for a generator that ignores its latent.</summary>
public static class Diversity
{
    /// <summary>Mean over the classes of the mean, over all pairs of images of the class, of the root-mean-square pixel difference.</summary>
    /// <param name="images">[classes, perClass, pixels]: all images of class 0, then of class 1, and so on; any scale, usually [-1, 1].</param>
    /// <returns>In the units of the pixels: between 0 and 2 for [-1, 1]. NaN where a pixel is.</returns>
    /// <exception cref="ArgumentException">No class, fewer than two images of a class, or not a whole number of pixels an image.</exception>
    public static double Of(ReadOnlySpan<float> images, int classes, int perClass)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 2);
        int pixels = images.Length / classes / perClass;
        if (pixels == 0 || (long)pixels * classes * perClass != images.Length)
        {
            throw new ArgumentException($"{images.Length} values are no {classes} x {perClass} images of one size", nameof(images));
        }

        double sum = 0;
        for (int label = 0; label < classes; label++)
        {
            sum += OfClass(images.Slice(label * perClass * pixels, perClass * pixels), perClass, pixels);
        }

        return sum / classes;
    }

    private static double OfClass(ReadOnlySpan<float> images, int count, int pixels)
    {
        double sum = 0;
        for (int one = 1; one < count; one++)
        {
            for (int other = 0; other < one; other++)
            {
                sum += PixelDistance.RootMeanSquare(images.Slice(one * pixels, pixels), images.Slice(other * pixels, pixels));
            }
        }

        return sum / (count * (count - 1) / 2);
    }
}
