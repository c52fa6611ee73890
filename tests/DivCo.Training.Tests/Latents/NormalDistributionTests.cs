using DivCo.Training.Latents;

namespace DivCo.Training.Tests.Latents;

public sealed class NormalDistributionTests
{
    // Reference values to 17 digits, computed with 60 digits (mpmath).
    [Theory]
    [InlineData(-30, 4.9067139271481871e-198)]
    [InlineData(-10, 7.6198530241605261e-24)]
    [InlineData(-8.5, 9.4795348222033184e-18)]
    [InlineData(-5, 2.8665157187919391e-7)]
    [InlineData(-3, 0.0013498980316300945)]
    [InlineData(-0.001, 0.49960105778608894)]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.84134474606854295)]
    [InlineData(3, 0.99865010196836991)]
    [InlineData(8, 0.99999999999999938)]
    public void Cdf_is_accurate_far_into_the_lower_tail(double x, double expected) => Assert.InRange(NormalDistribution.Cdf(x) / expected, 1 - 1e-12, 1 + 1e-12);

    [Theory]
    [InlineData(1e-300, -37.047096299361199)]
    [InlineData(1e-30, -11.464024688443616)]
    [InlineData(3e-19, -8.8920346064862535)]
    [InlineData(1e-8, -5.6120012441747887)]
    [InlineData(0.01, -2.3263478740408411)]
    [InlineData(0.4, -0.25334710313579974)]
    [InlineData(0.9, 1.2815515655446006)]
    public void Quantile_is_accurate(double p, double expected) => Assert.InRange(NormalDistribution.Quantile(p) / expected, 1 - 1e-14, 1 + 1e-14);
}
