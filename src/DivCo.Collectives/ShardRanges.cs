namespace DivCo.Collectives;

/// <summary>
/// Which worker holds which shards: contiguous ranges in rank order, floor(shards / workers) each, the first
/// (shards mod workers) one more. Where there are more workers than shards, the last ones hold none.
/// </summary>
public static class ShardRanges
{
    /// <summary>The most shards a trial can have; it bounds what a message can make a rank compute.</summary>
    public const int MaxShards = 1 << 20;

    /// <summary>The range of one rank.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is not positive, or the rank is not in [0, workers).</exception>
    public static ShardRange Of(int shards, int workers, int rank)
    {
        Check(shards, workers);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, workers);
        var (each, more) = Math.DivRem(shards, workers);
        return new ShardRange((rank * each) + Math.Min(rank, more), each + (rank < more ? 1 : 0));
    }

    /// <summary>The rank that holds a shard: the inverse of <see cref="Of"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is not positive, or the shard is not in [0, shards).</exception>
    public static int OwnerOf(int shards, int workers, int shard)
    {
        Check(shards, workers);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, shards);
        var (each, more) = Math.DivRem(shards, workers);
        var inLargerRanges = more * (each + 1);
        return shard < inLargerRanges ? shard / (each + 1) : more + ((shard - inLargerRanges) / each);
    }

    private static void Check(int shards, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shards);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shards, MaxShards);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, MaxShards);
    }
}
