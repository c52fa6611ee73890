using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>What one shard gives to the loss of one update; the loss depends on its parameters through these alone.</summary>
/// <param name="Statistics">
/// Sums and counts over the shard's samples, float64, one vector; they are added over all shards. Null where the shard has none.
/// </param>
/// <param name="Rows">Feature rows [rows, F], which the shards of one slice put together in order; null where the loss needs none.</param>
/// <param name="NormStatistics">
/// The mean and variance of the batch norm layers in each counted call, in the order of <see cref="GanUpdate.RunningStatistics"/>, then of the calls.
/// </param>
internal sealed record ShardOutput(Tensor? Statistics, Tensor? Rows, IReadOnlyList<FlatTensors> NormStatistics);
