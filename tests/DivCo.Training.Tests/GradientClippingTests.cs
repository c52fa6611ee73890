namespace DivCo.Training.Tests;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(null, 1)]
    [InlineData(6.0, 1)]
    [InlineData(2.5, 0.5)]
    public void A_gradient_longer_than_the_limit_is_scaled_down_to_it(double? limit, double factor)
    {
        float[] gradient = [3, 0, -4];
        Assert.All(gradient.Zip(GradientClipping.Apply(gradient, limit).ToArray()), pair => Assert.Equal(pair.First * factor, pair.Second, 1e-6));
    }
}
