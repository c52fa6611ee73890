using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

public sealed class ShardedSamplerTests
{
    [Fact]
    public void An_epoch_uses_every_image_at_most_once_and_skips_an_incomplete_batch()
    {
        var sampler = new ShardedSampler(3, count: 103, batchSize: 10);
        var epoch = Enumerable.Range(0, 10).SelectMany(step => sampler.Batch(step).ToArray()).ToArray();
        Assert.Equal(100, epoch.Distinct().Count());
        Assert.All(epoch, index => Assert.InRange(index, 0, 102));
        Assert.Equal(ShardedSampler.Order(3, 1, 103)[..10], sampler.Batch(10).ToArray());
    }

    [Fact]
    public void A_batch_depends_on_seed_and_step_alone()
    {
        var forward = new ShardedSampler(3, 103, 10);
        _ = forward.Batch(0);
        var expected = new ShardedSampler(3, 103, 10).Batch(57).ToArray();
        Assert.Equal(expected, forward.Batch(57).ToArray());
        Assert.NotEqual(expected, new ShardedSampler(4, 103, 10).Batch(57).ToArray());
        Assert.NotEqual(ShardedSampler.Order(3, 0, 103), ShardedSampler.Order(3, 1, 103));
    }

    // Chi-square of where image 0 lands, over many epochs, at the 0.1 % level (9 degrees of freedom: 27.9).
    [Fact]
    public void Orders_are_uniform()
    {
        var places = new int[10];
        for (var epoch = 0; epoch < 5000; epoch++)
        {
            places[Array.IndexOf(ShardedSampler.Order(8, epoch, 10), 0)]++;
        }

        Assert.InRange(places.Sum(n => (n - 500.0) * (n - 500.0) / 500), 0, 27.9);
    }

    [Fact]
    public void A_batch_larger_than_the_data_set_is_refused_with_the_fix()
    {
        var error = Assert.Throws<TrainingConfigException>(() => new ShardedSampler(3, 9, 10));
        Assert.Contains("trial.batch_size: 10 is more than the 9 images", error.Message, StringComparison.Ordinal);
    }
}
