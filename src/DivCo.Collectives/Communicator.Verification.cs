using System.Numerics;

namespace DivCo.Collectives;

/// <summary>The collectives by which ranks look over each other's shoulders.</summary>
public sealed partial class Communicator
{
    /// <summary>Gives every rank the record of every rank.</summary>
    /// <param name="operation">Its name, greater than the last one's.</param>
    /// <param name="own">The record of this rank.</param>
    /// <param name="lengthOf">Bytes of the record of a rank; the same on all ranks. None is sent for an empty one.</param>
    /// <returns>The records by rank.</returns>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    /// <exception cref="ArgumentException">The record is not of its length.</exception>
    public IReadOnlyList<byte[]> GatherRecords(Operation operation, ReadOnlyMemory<byte> own, Func<int, int> lengthOf)
    {
        ArgumentNullException.ThrowIfNull(lengthOf);
        var gather = new RecordGather(this, lengthOf);
        gather.Check(own.Span);
        return Run(Collective.GatherRecords, operation, () => gather.Run(own.Span));
    }

    /// <summary>Gives ranks the rows of whole slices that they hold no shard of.</summary>
    /// <param name="operation">Its name, greater than the last one's.</param>
    /// <param name="grid">The shards of all ranks.</param>
    /// <param name="ownRows">The rows of each shard of this rank, by shard index.</param>
    /// <param name="lengthOf">How many elements the rows of a shard have; the same on all ranks.</param>
    /// <param name="readersOf">The ranks that get a slice, by slice; the same on all ranks.</param>
    /// <returns>By shard index, this rank's own rows and those of the slices that it reads.</returns>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    /// <exception cref="ArgumentException">The rows are not those of this rank's shards, or not of their length.</exception>
    public IReadOnlyDictionary<int, float[]> SendSlices(
        Operation operation, ShardGrid grid, IReadOnlyDictionary<int, float[]> ownRows, Func<int, int> lengthOf, ILookup<int, int> readersOf)
    {
        ArgumentNullException.ThrowIfNull(ownRows);
        ArgumentNullException.ThrowIfNull(lengthOf);
        ArgumentNullException.ThrowIfNull(readersOf);
        var gather = new SliceGather(this, grid, lengthOf);
        gather.Check(ownRows);
        return Run(Collective.SendSlices, operation, () => gather.Run(
            ownRows, readersOf.OrderBy(slice => slice.Key).Select(slice => (slice.Key, (IReadOnlyList<int>)[.. slice.Distinct()]))));
    }

    /// <summary>The part of an all-reduce that holds an element.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="length">Elements of the whole buffer.</param>
    public SumChunk ChunkAt<T>(int length, int element) where T : unmanaged, INumber<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(element);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(element, length);
        var layout = new ChunkLayout(length, Element.SizeOf<T>(), Size);
        var chunk = layout.At(element);
        return new SumChunk(layout.RangeOf(chunk).Start.Value, layout.LengthOf(chunk), layout.OwnerOf(chunk));
    }

    /// <summary>Sums one chunk again, on a rank of choice: the bits are those of the all-reduce of the same shards.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="operation">Its name, greater than the last one's.</param>
    /// <param name="own">The shards of this rank, as for the all-reduce. It is not changed.</param>
    /// <param name="totalShards">Shards of all ranks together.</param>
    /// <param name="chunk">Of the buffer, by <see cref="ChunkAt{T}"/>.</param>
    /// <param name="root">The rank that gets the sum; the same on all ranks.</param>
    /// <returns>The sum on <paramref name="root"/>, null elsewhere.</returns>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The abort was asked for.</exception>
    /// <exception cref="InvalidOperationException">On the root: no shard of any rank contributed.</exception>
    public T[]? Reduce<T>(Operation operation, ShardStack<T> own, int totalShards, SumChunk chunk, int root) where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, Size);
        CheckShards(own, totalShards);
        if (chunk.Start < 0 || chunk.Length < 1 || chunk.Length > Payload.MaxBytes / Element.SizeOf<T>() || chunk.Start > own.Length - chunk.Length)
        {
            throw new ArgumentException($"chunk: {chunk} does not lie in {own.Length} elements, or fits no message.", nameof(chunk));
        }

        return Run(Collective.Reduce, operation, () => new RootedReduce<T>(this, operation, totalShards, chunk.Start, chunk.Length, root).Run(own.AllNodes));
    }

    private TResult Run<TResult>(Collective kind, Operation operation, Func<TResult> collective)
    {
        Begin(kind, operation);
        try
        {
            var result = collective();
            End(kind);
            return result;
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }
    }

    private void CheckShards<T>(ShardStack<T> own, int totalShards) where T : unmanaged, INumber<T>
    {
        var range = ShardRanges.Of(totalShards, Size, Rank);
        if (own.Range.Count != range.Count || (range.Count > 0 && own.Range != range))
        {
            throw new ArgumentException($"own: holds {own.Range}; rank {Rank} of {Size} must bring {range} of {totalShards}.", nameof(own));
        }
    }
}
