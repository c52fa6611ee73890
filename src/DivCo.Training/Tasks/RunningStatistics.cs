namespace DivCo.Training.Tasks;

/// <summary>Running statistics of one network's batch norm layers, which an update moves.</summary>
/// <param name="Tensors">The statistics.</param>
/// <param name="Calls">Calls of the network, of each shard, whose batch statistics count in them.</param>
internal sealed record RunningStatistics(FlatTensors Tensors, int Calls)
{
    /// <summary>None for a network that keeps none.</summary>
    public static IReadOnlyList<RunningStatistics> Of(FlatTensors? tensors, int calls) => tensors is null ? [] : [new RunningStatistics(tensors, calls)];
}
