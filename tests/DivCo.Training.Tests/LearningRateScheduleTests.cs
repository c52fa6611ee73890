namespace DivCo.Training.Tests;

public sealed class LearningRateScheduleTests
{
    /// <summary>Of the published training loops. An epoch counts from 1 in the first two, from 0 in DRIT's.</summary>
    [Theory]
    [InlineData("BicycleGAN", 100, 100, 100, 1)]
    [InlineData("BicycleGAN", 101, 100, 100, 0.990099)]
    [InlineData("BicycleGAN", 151, 100, 100, 0.495050)]
    [InlineData("BicycleGAN", 200, 100, 100, 0.009901)]
    [InlineData("BicycleGAN", 200, 200, 200, 1)]
    [InlineData("BicycleGAN", 201, 200, 200, 0.995025)]
    [InlineData("BicycleGAN", 301, 200, 200, 0.497512)]
    [InlineData("BicycleGAN", 400, 200, 200, 0.004975)]
    [InlineData("MSGAN", 201, 200, 200, 1)]
    [InlineData("MSGAN", 202, 200, 200, 0.995025)]
    [InlineData("MSGAN", 301, 200, 200, 0.502488)]
    [InlineData("MSGAN", 400, 200, 200, 0.009950)]
    [InlineData("DRIT", 600, 600, 600, 1)]
    [InlineData("DRIT", 601, 600, 600, 0.998336)]
    [InlineData("DRIT", 900, 600, 600, 0.500832)]
    [InlineData("DRIT", 1199, 600, 600, 0.003328)]
    public void The_published_factors(string code, int epoch, int from, int length, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.Linear(code == "MSGAN" ? epoch - 1 : epoch, from, length), 6);

    [Fact]
    public void In_steps_the_rate_is_full_then_falls_and_never_is_0()
    {
        var schedule = LearningRateSchedule.Linear(decayFrom: 3, steps: 7);
        Assert.Equal([1, 1, 1, 1, 0.8, 0.6, 0.4], Enumerable.Range(0, 7).Select(schedule.Factor), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.All(Enumerable.Range(0, 7), step => Assert.Equal(1, LearningRateSchedule.Constant.Factor(step)));
    }
}
