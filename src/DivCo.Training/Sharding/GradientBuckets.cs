using DivCo.Collectives;

namespace DivCo.Training.Sharding;

/// <summary>
/// The sum of a long buffer over all shards, in buckets of fixed size: at most so much is in flight at once, and a shard's buffer is
/// added to its sibling's as soon as both are there.
/// </summary>
/// <param name="length">Elements of the buffer.</param>
internal sealed class GradientBuckets(int length)
{
    private const int BucketLength = 1 << 20;

    private readonly ShardStack<float>[] _stacks =
    [
        .. Enumerable.Range(0, (length + BucketLength - 1) / BucketLength)
            .Select(bucket => new ShardStack<float>(Math.Min(BucketLength, length - (bucket * BucketLength)))),
    ];

    public int Count => _stacks.Length;

    /// <summary>A shard's own buffer, all zero; push it.</summary>
    public ShardBuffer Rent()
    {
        var pieces = Array.ConvertAll(_stacks, stack => stack.Rent());
        foreach (var piece in pieces)
        {
            Array.Clear(piece);
        }

        return new ShardBuffer(pieces, BucketLength);
    }

    public void Push(int shard, ShardBuffer buffer)
    {
        for (var bucket = 0; bucket < _stacks.Length; bucket++)
        {
            _stacks[bucket].Push(shard, buffer.Pieces[bucket]);
        }
    }

    /// <summary>Hands a rented buffer back that is not going to be pushed.</summary>
    public void Return(ShardBuffer buffer)
    {
        for (var bucket = 0; bucket < _stacks.Length; bucket++)
        {
            _stacks[bucket].Return(buffer.Pieces[bucket]);
        }
    }

    public void PushAbsent(int shard) => Array.ForEach(_stacks, stack => stack.PushAbsent(shard));

    /// <summary>Forgets all shards, for the next update.</summary>
    public void Clear() => Array.ForEach(_stacks, stack => stack.Clear());

    /// <summary>Writes the sum over the shards of all ranks. This rank's shards stay, so that a part can be summed again.</summary>
    /// <param name="first">Names the first bucket's collective; those after it follow in order.</param>
    public void AllReduce(Communicator communicator, Operation first, int totalShards, Span<float> result)
    {
        for (var bucket = 0; bucket < _stacks.Length; bucket++)
        {
            var stack = _stacks[bucket];
            var operation = first with { Bucket = first.Bucket + bucket };
            communicator.AllReduce(operation, stack, totalShards, result.Slice(bucket * BucketLength, stack.Length));
        }
    }

    /// <summary>The part of the sum that one rank finished and that holds an element, ready to be summed again.</summary>
    /// <param name="sum">What <see cref="AllReduce"/> gave.</param>
    public AuditedSum Audited(Communicator communicator, int totalShards, int element, ReadOnlyMemory<float> sum)
    {
        var (bucket, within) = Math.DivRem(element, BucketLength);
        return AuditedSum.Of(communicator, _stacks[bucket], totalShards, within, sum.Slice(bucket * BucketLength, _stacks[bucket].Length), $"gradient bucket {bucket}");
    }
}
