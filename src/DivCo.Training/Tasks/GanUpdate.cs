using DivCo.Collectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>
/// One of the updates that make up a step. Its loss is a pure function of what all shards give: terms of the global statistics, and for
/// each slice terms of the slice's rows. A shard backpropagates the gradient of that loss with respect to its own statistics and rows, so
/// the gradients of the shards add up to the exact one, whether terms are means, sums or ratios of sums.
/// </summary>
internal abstract class GanUpdate
{
    /// <summary>Name of the metric that reports the whole loss.</summary>
    public abstract string LossName { get; }

    /// <summary>
    /// What the update trains, in the order in which the gradient lies. Other updates of the step may train the same tensors: their moments
    /// belong to the tensors, and each update counts.
    /// </summary>
    public abstract IReadOnlyList<FlatTensors> Trained { get; }

    /// <summary>Of the trained networks that have batch norm layers.</summary>
    public abstract IReadOnlyList<RunningStatistics> RunningStatistics { get; }

    /// <summary>Times the trial's learning rate.</summary>
    public virtual double LearningRateScale => 1;

    /// <summary>The largest L2 norm of the whole gradient that is applied as it is; a longer one is scaled down to it. Null: no limit.</summary>
    public virtual double? ClipNorm => null;

    /// <summary>Length of a shard's statistics.</summary>
    public abstract int StatisticsLength { get; }

    /// <summary>Names of <see cref="SliceTerms"/>, in order.</summary>
    public abstract IReadOnlyList<string> SliceTermNames { get; }

    /// <summary>Whether the shard takes part; one that does not is absent from every sum.</summary>
    public abstract bool Includes(ShardGrid grid, int shard);

    /// <summary>Elements of the rows that a shard gives; 0 where the loss needs none.</summary>
    public abstract int RowsLength(int shard);

    /// <summary>Computes a shard's part of the step that the task is at; the same bits however often it is called.</summary>
    public abstract ShardOutput Forward(int shard);

    /// <summary>Terms of the sums over all shards of <see cref="ShardOutput.Statistics"/>.</summary>
    public abstract IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics);

    /// <summary>Terms of one slice, which are added over the slices.</summary>
    /// <param name="statistics">Global sums as constants, for counts: no gradient is taken with respect to them here.</param>
    /// <param name="rows">Rows of all shards of the slice, in order of the shards, float64.</param>
    public abstract IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows);
}
