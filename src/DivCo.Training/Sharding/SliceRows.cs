using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>The feature rows of whole slices, gathered from the ranks that hold their shards.</summary>
internal sealed class SliceRows(GanUpdate update, ShardGrid grid, Communicator communicator)
{
    private Dictionary<int, float[]> _own = [];
    private IReadOnlyDictionary<int, float[]> _known = new Dictionary<int, float[]>();

    /// <summary>Forgets the rows of the update before.</summary>
    public void Clear() => (_own, _known) = ([], new Dictionary<int, float[]>());

    /// <param name="own">Of each shard of this rank; null where a shard gives none.</param>
    /// <returns>[rows, F], float32, of each slice that this rank has a shard of, in order of the shards.</returns>
    public Dictionary<int, Tensor> Gather(Operation operation, IReadOnlyCollection<(int Shard, Tensor? Rows)> own)
    {
        if (own.Select(shard => shard.Rows?.shape[1]).FirstOrDefault(width => width is not null) is not { } width)
        {
            return [];
        }

        _own = own.ToDictionary(shard => shard.Shard, shard => shard.Rows is null ? [] : TensorMemory.Floats(shard.Rows.contiguous()).ToArray());
        _known = communicator.GatherSlices(operation, grid, _own, update.RowsLength);
        return own.Select(shard => grid.SliceOf(shard.Shard)).Distinct().ToDictionary(slice => slice, slice => Join(slice, _known, width));
    }

    /// <summary>Sends rows of this update to ranks that hold no shard of the slice.</summary>
    /// <param name="readersOf">The ranks by slice, the same on all ranks.</param>
    public void Send(Operation operation, ILookup<int, int> readersOf) => _known = new Dictionary<int, float[]>(
        _known.Concat(communicator.SendSlices(operation, grid, _own, update.RowsLength, readersOf)).DistinctBy(shard => shard.Key));

    /// <summary>The rows of a shard's slice, as <see cref="Gather"/> gives them, with the shard's own as they were computed again.</summary>
    public Tensor Around(int shard, Tensor rows)
    {
        var known = new Dictionary<int, float[]>(_known) { [shard] = TensorMemory.Floats(rows.contiguous()).ToArray() };
        return Join(grid.SliceOf(shard), known, rows.shape[1]);
    }

    /// <summary>Where a shard's rows begin in its slice.</summary>
    public long FirstRow(int shard, long width)
    {
        var offset = 0L;
        for (var earlier = grid.Slice(grid.SliceOf(shard)).Start; earlier < shard; earlier++)
        {
            offset += update.RowsLength(earlier);
        }

        return offset / width;
    }

    private Tensor Join(int slice, IReadOnlyDictionary<int, float[]> gathered, long width)
    {
        var range = grid.Slice(slice);
        var shards = Enumerable.Range(range.Start, range.Count).Select(shard => gathered[shard]).ToArray();
        var joined = empty([shards.Sum(shard => shard.Length) / width, width], float32);
        var rest = TensorMemory.Floats(joined);
        foreach (var shard in shards)
        {
            shard.CopyTo(rest);
            rest = rest[shard.Length..];
        }

        return joined;
    }
}
