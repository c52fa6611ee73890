using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class SampleVarianceTests
{
    [Fact]
    public void It_is_the_least_variance_of_a_condition()
    {
        // Two conditions of three images of two pixels: variances (1, 4) and (0.25, 0).
        float[] images = [1, 2, 2, 4, 3, 6, /**/ 0, 5, 0.5f, 5, 1, 5];
        Assert.Equal(0.125, SampleVariance.Least(images, 2, 3), 1e-12);
        Assert.Equal(2.5, SampleVariance.Least(images.AsSpan(0, 6), 1, 3), 1e-12);
    }

    [Fact]
    public void Equal_images_have_none_and_a_broken_condition_is_seen()
    {
        Assert.Equal(0, SampleVariance.Least([1, 2, 1, 2], 1, 2));
        Assert.True(double.IsNaN(SampleVariance.Least([float.NaN, 2, 1, 2, /**/ 1, 2, 1, 2], 2, 2)));
        Assert.True(double.IsNaN(SampleVariance.Least([1, 2, 1, 2, /**/ float.NaN, 2, 1, 2], 2, 2)));
    }
}
