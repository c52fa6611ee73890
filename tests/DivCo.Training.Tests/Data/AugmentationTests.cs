using DivCo.Training.Data;

namespace DivCo.Training.Tests.Data;

public sealed class AugmentationTests
{
    [Fact]
    public void Windows_lie_within_the_image_equally_often_and_none_means_the_middle()
    {
        Assert.Equal((15, 15), (Augmentation.None.Left(286, 256), Augmentation.None.Top(286, 256)));
        Assert.Equal(0, Augmentation.None.Left(32, 32));
        Assert.Equal(3, new Augmentation(MathF.BitDecrement(1), 0, false).Left(35, 32));
        var stream = new AugmentationStream(7);
        var places = new int[4];
        var flips = 0;
        for (var sample = 0; sample < 20_000; sample++)
        {
            var drawn = stream.Draw(step: 3, sample);
            places[drawn.Left(35, 32)]++;
            flips += drawn.Flip ? 1 : 0;
            Assert.InRange(drawn.CropY, 0, MathF.BitDecrement(1));
        }

        // Five standard deviations of the binomial distribution.
        Assert.All(places, count => Assert.InRange(count, 5_000 - 306, 5_000 + 306));
        Assert.InRange(flips, 10_000 - 354, 10_000 + 354);
    }

    [Fact]
    public void A_sample_s_augmentation_depends_on_its_address_alone()
    {
        var drawn = from step in Enumerable.Range(0, 3) from sample in Enumerable.Range(0, 50) from side in new[] { 0, 1 } select new AugmentationStream(9).Draw(step, sample, side);
        var backwards = from step in Enumerable.Range(0, 3).Reverse() from sample in Enumerable.Range(0, 50).Reverse() from side in new[] { 1, 0 } select new AugmentationStream(9).Draw(step, sample, side);
        Assert.Equal(drawn, backwards.Reverse());
        Assert.Equal(300, drawn.Distinct().Count());
    }
}
