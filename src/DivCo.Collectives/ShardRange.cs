namespace DivCo.Collectives;

/// <summary>A contiguous range of shard indices: <paramref name="Start"/>, ..., <c>End - 1</c>. May be empty.</summary>
/// <param name="Start">The first shard.</param>
/// <param name="Count">How many shards.</param>
public readonly record struct ShardRange(int Start, int Count)
{
    /// <summary>One past the last shard.</summary>
    public int End => Start + Count;

    public bool Contains(int shard) => shard >= Start && shard < End;

    public override string ToString() => Count == 0 ? "no shards" : $"shards {Start} to {End - 1}";
}
