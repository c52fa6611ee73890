namespace DivCo.Training.Sharding;

/// <summary>What an update is committed with: the same bits on every worker, for any number of them.</summary>
/// <param name="Gradient">Of the whole loss, as the trained tensors lie in their buffers, one after the other. Valid until the update runs again.</param>
/// <param name="NormStatistics">Mean over calls and shards of the batch statistics, as the running statistics lie in theirs, one after the other.</param>
/// <param name="Losses">The whole loss and its terms by metric name.</param>
/// <param name="StopRequested">Whether rank 0 asked all ranks to stop after this step.</param>
internal sealed record UpdateSum(
    ReadOnlyMemory<float> Gradient, ReadOnlyMemory<float> NormStatistics, IReadOnlyDictionary<string, double> Losses, bool StopRequested);
