using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>The backward of one shard, from the loss that all shards make up to what the shard gives to the sums.</summary>
internal sealed class ShardBackward(
    GanTask task, GanUpdate update, Communicator communicator, SliceRows slices, GradientLayout layout, GradientBuckets buckets)
{
    private readonly (Tensor Leaf, int Offset)[] _leaves = [.. layout.Leaves];

    /// <param name="rows">Of all shards of a slice.</param>
    public LossGradient SliceLoss(Tensor statistics, Tensor rows) =>
        LossGradient.Of(rows, leaf => update.SliceTerms(statistics, leaf.to(float64)));

    /// <param name="output">Of the shard, with its graph.</param>
    /// <param name="slice">Of the shard's slice; null where the shard gives no rows.</param>
    /// <returns>All that the shard gives to the sums of the update, in a rented buffer.</returns>
    public ShardBuffer Run(long number, int shard, ShardOutput output, LossGradient global, LossGradient? slice)
    {
        using var scope = NewDisposeScope();
        List<Tensor> outputs = [], gradients = [];
        if (output.Statistics is not null)
        {
            outputs.Add(output.Statistics);
            gradients.Add(global.Gradient!);
        }

        if (output.Rows is { } rows)
        {
            outputs.Add(rows);
            gradients.Add(slice!.Gradient!.narrow(0, slices.FirstRow(shard, rows.shape[1]), rows.shape[0]));
        }

        // From null gradients into a buffer of the shard's own: letting autograd add over shards would give other bits. A tensor that the
        // shard does not use has none, and its place stays zero.
        var buffer = buckets.Rent();
        var computed = autograd.grad(outputs, [.. _leaves.Select(part => part.Leaf)], gradients, allow_unused: true);
        for (var i = 0; i < computed.Count; i++)
        {
            if (!computed[i].IsInvalid)
            {
                buffer.Write(_leaves[i].Offset, TensorMemory.Floats(computed[i].contiguous()));
            }
        }

        layout.WriteNormStatistics(buffer, output.NormStatistics);
        if (slice is not null && task.Grid.NegativeOf(shard) == 0)
        {
            layout.WriteTerms(buffer, [.. slice.Terms.Select(term => (float)term.Value.item<double>())]);
        }

        communicator.Fault?.FlipShard(communicator, number, shard, buffer.Pieces[0]);
        return buffer;
    }

    /// <summary>Computes a shard of any rank from the start, with the sums and rows of this update, and leaves nothing but the hash.</summary>
    public byte[] RunAgain(long number, int shard, Tensor statistics, LossGradient global)
    {
        using var scope = NewDisposeScope();
        task.Release(shard);
        var output = update.Forward(shard);
        var slice = output.Rows is { } rows ? SliceLoss(statistics, slices.Around(shard, rows)) : null;
        var buffer = Run(number, shard, output, global, slice);
        var hash = ShardHash.Of(output, buffer);
        buckets.Return(buffer);
        task.Release(shard);
        return hash;
    }
}
