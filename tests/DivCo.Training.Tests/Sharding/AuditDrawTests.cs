using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

public sealed class AuditDrawTests
{
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.25)]
    [InlineData(0.9)]
    public void So_many_shards_are_drawn_as_the_rate_says(double rate)
    {
        const int Updates = 20_000, Shards = 8;
        var draw = new AuditDraw(seed: 7, rate);
        var perShard = new int[Shards];
        for (var update = 0; update < Updates; update++)
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                perShard[shard] += draw.Draws(update, shard) ? 1 : 0;
            }
        }

        // Five standard deviations of a binomial, for each shard by itself.
        var deviation = Math.Sqrt(Updates * rate * (1 - rate));
        Assert.All(perShard, drawn => Assert.InRange(drawn, (Updates * rate) - (5 * deviation), (Updates * rate) + (5 * deviation)));
    }

    [Fact]
    public void A_higher_rate_draws_the_same_shards_and_more()
    {
        AuditDraw low = new(seed: 7, 0.2), high = new(seed: 7, 0.6);
        Assert.All(Enumerable.Range(0, 1000), update => Assert.True(!low.Draws(update, 3) || high.Draws(update, 3)));
        Assert.All(Enumerable.Range(0, 1000), update => Assert.True(new AuditDraw(seed: 7, 1).Draws(update, 3)));
    }

    [Fact]
    public void The_place_in_the_sums_goes_over_all_of_them()
    {
        var draw = new AuditDraw(seed: 7, 1);
        var counts = new int[10];
        for (var update = 0; update < 10_000; update++)
        {
            counts[draw.Element(update, 1000) / 100]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        Assert.All(Enumerable.Range(0, 100), update => Assert.Equal(0, draw.Element(update, 1)));
    }

    /// <summary>Part of the format of a trial: computed once with another program from the definition of the stream.</summary>
    [Fact]
    public void The_seed_alone_decides_what_is_drawn()
    {
        var draw = new AuditDraw(seed: 42, 0.02);
        var drawn = from update in Enumerable.Range(0, 120) from shard in Enumerable.Range(0, 4) where draw.Draws(update, shard) select (update, shard);
        Assert.Equal([(11, 0), (29, 0), (39, 3), (48, 1), (70, 2), (90, 2), (99, 0), (112, 2)], drawn);
        Assert.Equal([19, 26, 39, 55, 76, 88, 97, 106], Enumerable.Range(0, 120).Where(update => draw.Element(update, 1000) < 30));
    }

    [Fact]
    public void Off_it_is_nothing_and_no_other_rate_is_taken()
    {
        Assert.Null(AuditDraw.Of(7, 0));
        Assert.NotNull(AuditDraw.Of(7, 1));
        Assert.All((double[])[-0.1, 1.1, double.NaN], rate =>
            Assert.Contains("audit: allowed: 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => AuditDraw.Of(7, rate)).Message));
    }
}
