namespace DivCo.Collectives.Tests;

public sealed class ShardRangesTests
{
    [Fact]
    public void Ranges_are_contiguous_even_and_the_larger_first()
    {
        for (var shards = 1; shards <= 40; shards++)
        {
            for (var workers = 1; workers <= 45; workers++)
            {
                var next = 0;
                for (var rank = 0; rank < workers; rank++)
                {
                    var range = ShardRanges.Of(shards, workers, rank);
                    Assert.Equal(next, range.Start);
                    Assert.Equal((shards / workers) + (rank < shards % workers ? 1 : 0), range.Count);
                    for (var shard = range.Start; shard < range.End; shard++)
                    {
                        Assert.Equal(rank, ShardRanges.OwnerOf(shards, workers, shard));
                    }

                    next = range.End;
                }

                Assert.Equal(shards, next);
            }
        }
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1, -1)]
    [InlineData(ShardRanges.MaxShards + 1, 1, 0)]
    public void Impossible_counts_are_refused(int shards, int workers, int rank) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardRanges.Of(shards, workers, rank));
}
