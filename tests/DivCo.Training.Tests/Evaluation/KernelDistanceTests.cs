using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class KernelDistanceTests
{
    [Fact]
    public void One_block_is_the_unbiased_estimate_of_plain_loops()
    {
        var (real, generated) = (RandomRows.Of(9, length: 5, seed: 1), RandomRows.Of(9, length: 5, seed: 2));
        var distance = KernelDistance.Of(real, generated, seed: 7, blockSize: 9);
        Assert.Equal(Estimate(real, generated), distance.Mean, 1e-12);
        Assert.Equal(double.NaN, distance.StandardError);
    }

    [Fact]
    public void Blocks_use_each_sample_once_and_give_their_mean()
    {
        // Every row of a set is the same, so that each block has the same value whatever the order.
        var real = new FeatureRows(Enumerable.Repeat(new[] { 1f, 0f }, 12).SelectMany(row => row).ToArray(), 2);
        var generated = new FeatureRows(Enumerable.Repeat(new[] { 0f, 1f }, 15).SelectMany(row => row).ToArray(), 2);
        var distance = KernelDistance.Of(real, generated, seed: 1, blockSize: 4);

        // k(x, x) = (1/2 + 1)^3, k(x, y) = 1.
        Assert.Equal(2 * Math.Pow(1.5, 3) - 2, distance.Mean, 1e-12);
        Assert.Equal(0, distance.StandardError, 1e-12);
    }

    [Fact]
    public void Samples_of_one_distribution_are_near_0_and_of_others_are_not()
    {
        var (one, other) = (RandomRows.Normal(600, length: 4, seed: 1), RandomRows.Normal(600, length: 4, seed: 2));
        var shifted = new FeatureRows(other.Values.ToArray().Select(value => value + 1).ToArray(), 4);
        var same = KernelDistance.Of(one, other, seed: 1, blockSize: 100);
        var different = KernelDistance.Of(one, shifted, seed: 1, blockSize: 100);
        Assert.InRange(same.Mean, -4 * same.StandardError, 4 * same.StandardError);
        Assert.True(different.Mean > 5 * different.StandardError);
        Assert.Equal(different, KernelDistance.Of(one, shifted, seed: 1, blockSize: 100));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var rows = RandomRows.Of(4, length: 2, seed: 1);
        Assert.Throws<ArgumentException>(() => KernelDistance.Of(rows, RandomRows.Of(4, length: 3, seed: 1), seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => KernelDistance.Of(rows, RandomRows.Of(1, length: 2, seed: 1), seed: 1));
    }

    private static double Estimate(FeatureRows real, FeatureRows generated)
    {
        double sum = 0;
        for (int i = 0; i < real.Count; i++)
        {
            for (int j = 0; j < real.Count; j++)
            {
                double apart = (double)real.Count * (real.Count - 1);
                sum += i == j ? 0 : (Kernel(real.Row(i), real.Row(j)) + Kernel(generated.Row(i), generated.Row(j))) / apart;
                sum -= 2 * Kernel(real.Row(i), generated.Row(j)) / ((double)real.Count * real.Count);
            }
        }

        return sum;
    }

    private static double Kernel(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double product = 0;
        for (int i = 0; i < one.Length; i++)
        {
            product += (double)one[i] * other[i];
        }

        return Math.Pow((product / one.Length) + 1, 3);
    }
}
