namespace DivCo.Collectives;

/// <summary>
/// How the work of one update is cut: <paramref name="Data"/> slices of the batch, the contrastive negatives of each in
/// <paramref name="Negatives"/> shards. Shard (d, k) has index d * Negatives + k, so a slice is contiguous.
/// </summary>
/// <param name="Data">Slices of the batch (V).</param>
/// <param name="Negatives">Shards of a slice (K).</param>
public readonly record struct ShardGrid(int Data, int Negatives)
{
    /// <summary>All shards: V * K.</summary>
    public int Count => checked(Data * Negatives);

    public int ShardOf(int slice, int negative) => (slice * Negatives) + negative;

    public int SliceOf(int shard) => shard / Negatives;

    /// <summary>The index k of a shard within its slice; shard k = 0 owns the terms that are not negatives.</summary>
    public int NegativeOf(int shard) => shard % Negatives;

    /// <summary>The shards of one slice.</summary>
    public ShardRange Slice(int slice) => new(slice * Negatives, Negatives);
}
