using DivCo.Training.Tasks.Unpaired;

namespace DivCo.Training.Tests.Tasks.Unpaired;

public sealed class DomainSamplerTests
{
    [Theory]
    [InlineData(12, 30, false)]
    [InlineData(30, 12, true)]
    public void An_epoch_goes_through_the_larger_domain_and_draws_from_the_other(int countA, int countB, bool largerIsA)
    {
        var sampler = new DomainSampler(7, countA, countB, 6);
        var (larger, smaller) = largerIsA ? (Domain.A, Domain.B) : (Domain.B, Domain.A);
        var epochs = Enumerable.Range(0, 40).Select(batch => Enumerable.Range(0, 6).Select(i => sampler.Index(larger, batch, i)).ToArray()).Chunk(5).ToArray();
        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 30), epoch.SelectMany(batch => batch).Order()));
        Assert.NotEqual(epochs[0][0], epochs[1][0]);

        var drawn = Enumerable.Range(0, 200).SelectMany(batch => Enumerable.Range(0, 6).Select(i => sampler.Index(smaller, batch, i))).ToArray();
        Assert.Equal(Enumerable.Range(0, 12), drawn.Distinct().Order());
        Assert.All(drawn.CountBy(index => index), index => Assert.InRange(index.Value, 60, 140));
    }

    [Fact]
    public void A_batch_that_the_larger_domain_does_not_have_is_refused_by_its_field()
    {
        var refusal = Assert.Throws<TrainingConfigException>(() => new DomainSampler(7, 5, 9, 10));
        Assert.Contains("trial.batch_size: 5 conditions take 10 images", refusal.Message, StringComparison.Ordinal);
    }
}
