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

    public void PushAbsent(int shard) => Array.ForEach(_stacks, stack => stack.PushAbsent(shard));

    /// <summary>Writes the sum over the shards of all ranks and forgets this rank's.</summary>
    /// <param name="first">Names the first bucket's collective; those after it follow in order.</param>
    public void AllReduce(Communicator communicator, Operation first, int totalShards, Span<float> result)
    {
        for (var bucket = 0; bucket < _stacks.Length; bucket++)
        {
            var stack = _stacks[bucket];
            var operation = first with { Bucket = first.Bucket + bucket };
            communicator.AllReduce(operation, stack, totalShards, result.Slice(bucket * BucketLength, stack.Length));
            stack.Clear();
        }
    }
}
