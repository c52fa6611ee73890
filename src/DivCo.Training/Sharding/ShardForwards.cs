using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>
/// Between the forward and the backward of a shard lie the sums over all shards. What a rank keeps meanwhile is the choice made here: the
/// graphs of all its shards, or of each shard only what the loss is a function of, and then it computes the shard again. The bits are the
/// same, because a shard's forward gives the same bits however often it is called.
/// </summary>
/// <param name="recompute">Whether a shard is computed again for its backward, so that one graph exists at a time.</param>
internal sealed class ShardForwards(GanTask task, GanUpdate update, bool recompute)
{
    /// <summary>What the loss needs of a shard; with its graph where that is kept.</summary>
    public ShardOutput Output(int shard)
    {
        if (!recompute)
        {
            return update.Forward(shard);
        }

        // Gradients are on as in the second pass, since kernels may be chosen by it; the graph goes with the scope.
        using var scope = NewDisposeScope();
        var output = update.Forward(shard);
        task.Release(shard);
        return new ShardOutput(WithoutGraph(output.Statistics), WithoutGraph(output.Rows), []);
    }

    /// <summary>The shard with its graph, to be backpropagated now.</summary>
    /// <param name="output">What <see cref="Output"/> gave.</param>
    public ShardOutput Graph(int shard, ShardOutput output) => recompute ? update.Forward(shard) : output;

    /// <summary>The shard's backward is done.</summary>
    public void Done(int shard)
    {
        if (recompute)
        {
            task.Release(shard);
        }
    }

    // A copy: a view would keep all of the tensor that it looks into.
    private static Tensor? WithoutGraph(Tensor? tensor) => tensor?.detach().clone().MoveToOuterDisposeScope();
}
