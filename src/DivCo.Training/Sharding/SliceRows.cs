using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>The feature rows of whole slices, gathered from the ranks that hold their shards.</summary>
internal sealed class SliceRows(GanUpdate update, ShardGrid grid, Communicator communicator)
{
    /// <param name="own">Of each shard of this rank; null where a shard gives none.</param>
    /// <returns>[rows, F], float32, of each slice that this rank has a shard of, in order of the shards.</returns>
    public Dictionary<int, Tensor> Gather(Operation operation, IReadOnlyCollection<(int Shard, Tensor? Rows)> own)
    {
        if (own.Select(shard => shard.Rows?.shape[1]).FirstOrDefault(width => width is not null) is not { } width)
        {
            return [];
        }

        var rows = own.ToDictionary(shard => shard.Shard, shard => shard.Rows is null ? [] : TensorMemory.Floats(shard.Rows.contiguous()).ToArray());
        var gathered = communicator.GatherSlices(operation, grid, rows, update.RowsLength);
        return own.Select(shard => grid.SliceOf(shard.Shard)).Distinct().ToDictionary(slice => slice, slice => Join(slice, gathered, width));
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
