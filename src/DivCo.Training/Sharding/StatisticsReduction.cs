using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>
/// The sums over all shards of what the loss is a function of. Rank 0's wish to stop rides along, so that all ranks hear of it in the
/// same update.
/// </summary>
/// <param name="length">Statistics of a shard.</param>
internal sealed class StatisticsReduction(int length, ShardGrid grid, Communicator communicator)
{
    private readonly ShardStack<double> _stack = new(length + 1);
    private readonly double[] _sum = new double[length + 1];

    /// <summary>Whether rank 0 asked all to stop, as of the last reduction.</summary>
    public bool StopRequested => _sum[^1] != 0;

    /// <summary>The sums of the last reduction, float64.</summary>
    public Tensor ToTensor() => TensorMemory.Float64(_sum.AsSpan(0, length));

    /// <param name="own">Of each shard of this rank, in order; null where a shard has none.</param>
    /// <param name="stop">Counts on the rank that holds shard 0, which is rank 0.</param>
    public void Reduce(Operation operation, IEnumerable<(int Shard, Tensor? Statistics)> own, bool stop)
    {
        _stack.Clear();
        foreach (var (shard, statistics) in own)
        {
            if (statistics is null)
            {
                _stack.PushAbsent(shard);
                continue;
            }

            var vector = _stack.Rent();
            TensorMemory.Doubles(statistics).CopyTo(vector);
            vector[^1] = shard == 0 && stop ? 1 : 0;
            _stack.Push(shard, vector);
        }

        communicator.AllReduce(operation, _stack, grid.Count, _sum);
    }

    /// <summary>The sums of the last reduction, ready to be summed again.</summary>
    public AuditedSum Audited() => AuditedSum.Of<double>(communicator, _stack, grid.Count, 0, _sum, "statistics");
}
