using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>
/// Runs this rank's shards of one update: forward, the global statistics and the rows of its slices, the gradient of the loss with respect
/// to them, one backward a shard, and the sum over the shards of all ranks. Nothing of the trained state changes here.
/// </summary>
internal sealed class ShardRunner
{
    private readonly GanTask _task;
    private readonly GanUpdate _update;
    private readonly ShardGrid _grid;
    private readonly Communicator _communicator;
    private readonly int[] _own;
    private readonly int _contributors;
    private readonly StatisticsReduction _statistics;
    private readonly SliceRows _rows;
    private readonly GradientLayout _layout;
    private readonly GradientBuckets _buckets;
    private readonly float[] _sum;
    private readonly ShardAudit? _audit;

    /// <param name="draw">What is audited; null: nothing.</param>
    public ShardRunner(GanTask task, GanUpdate update, Communicator communicator, AuditDraw? draw = null)
    {
        var grid = task.Grid;
        (_task, _update, _grid, _communicator) = (task, update, grid, communicator);
        var range = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);
        _own = [.. Enumerable.Range(range.Start, range.Count)];
        _contributors = Enumerable.Range(0, grid.Count).Count(shard => update.Includes(grid, shard));
        _statistics = new StatisticsReduction(update.StatisticsLength, grid, communicator);
        _rows = new SliceRows(update, grid, communicator);
        _layout = new GradientLayout(update);
        _buckets = new GradientBuckets(_layout.Length);
        _sum = new float[_layout.Length];
        _audit = draw is null ? null : new ShardAudit(draw, update, grid, communicator, _rows, firstBucket: 2 + _buckets.Count);
    }

    /// <param name="number">The update's number in the trial, which names its collectives.</param>
    /// <param name="stop">Whether this rank asks all to stop; only rank 0's word counts.</param>
    /// <exception cref="PeerLostException">A peer is gone; the update can be run again in another quorum.</exception>
    /// <exception cref="AuditException">Devices computed different bits; the update can be run again without the outvoted one.</exception>
    public UpdateSum Run(long number, bool stop)
    {
        using var scope = NewDisposeScope();
        _buckets.Clear();
        var audited = _audit?.Drawn(number) ?? [];
        var hashes = new Dictionary<int, byte[]>();
        var outputs = Array.ConvertAll(_own, shard => (Shard: shard, Output: _update.Includes(_grid, shard) ? _update.Forward(shard) : null));

        var (statistics, stopRequested) = _statistics.Reduce(
            new Operation(number, 0), outputs.Select(own => (own.Shard, own.Output?.Statistics)), stop);
        var global = LossGradient.Of(statistics, _update.GlobalTerms);

        var rows = _rows.Gather(new Operation(number, 1), Array.ConvertAll(outputs, own => (own.Shard, own.Output?.Rows)));
        var slices = rows.ToDictionary(
            slice => slice.Key, slice => SliceLoss(statistics, slice.Value));

        foreach (var (shard, output) in outputs)
        {
            if (output is null)
            {
                _buckets.PushAbsent(shard);
                continue;
            }

            var buffer = Backward(number, shard, output, global, slices.GetValueOrDefault(_grid.SliceOf(shard)));
            if (audited.Contains(shard))
            {
                hashes.Add(shard, ShardHash.Of(output, buffer));
            }

            _buckets.Push(shard, buffer);
        }

        _buckets.AllReduce(_communicator, new Operation(number, 2), _grid.Count, _sum);
        if (audited.Count > 0)
        {
            _audit!.Check(
                number,
                audited,
                hashes,
                shard => Recompute(number, shard, statistics, global),
                _layout.Length,
                element => [_statistics.Audited(), _buckets.Audited(_communicator, _grid.Count, element, _sum)]);
        }

        return new UpdateSum(
            _sum.AsMemory(0, _update.Parameters.Layout.Length),
            _layout.MeanNormStatistics(_sum, _contributors),
            Losses(global.Terms, slices.Values.FirstOrDefault()?.Terms ?? []),
            stopRequested);
    }

    private LossGradient SliceLoss(Tensor statistics, Tensor rows) =>
        LossGradient.Of(rows, leaf => _update.SliceTerms(statistics, leaf.to(float64)));

    /// <summary>Computes a shard of any rank from the start, with the sums and rows of this update, and leaves nothing but the hash.</summary>
    private byte[] Recompute(long number, int shard, Tensor statistics, LossGradient global)
    {
        using var scope = NewDisposeScope();
        _task.Release(shard);
        var output = _update.Forward(shard);
        var slice = output.Rows is { } rows ? SliceLoss(statistics, _rows.Around(shard, rows)) : null;
        var buffer = Backward(number, shard, output, global, slice);
        var hash = ShardHash.Of(output, buffer);
        _buckets.Return(buffer);
        _task.Release(shard);
        return hash;
    }

    /// <returns>All that the shard gives to the sums of the update, in a rented buffer.</returns>
    private ShardBuffer Backward(long number, int shard, ShardOutput output, LossGradient global, LossGradient? slice)
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
            gradients.Add(slice!.Gradient!.narrow(0, _rows.FirstRow(shard, rows.shape[1]), rows.shape[0]));
        }

        // From null gradients into a buffer of the shard's own: letting autograd add over shards would give other bits.
        var buffer = _buckets.Rent();
        var parameters = _update.Parameters;
        var computed = autograd.grad(outputs, [.. parameters.Layout.Tensors.Select(tensor => parameters.Leaves[tensor.Name])], gradients);
        for (var i = 0; i < computed.Count; i++)
        {
            buffer.Write(parameters.Layout.Offsets[i], TensorMemory.Floats(computed[i].contiguous()));
        }

        _layout.WriteNormStatistics(buffer, output.NormStatistics);
        if (slice is not null && _grid.NegativeOf(shard) == 0)
        {
            _layout.WriteTerms(buffer, [.. slice.Terms.Select(term => (float)term.Value.item<double>())]);
        }

        _communicator.Fault?.FlipShard(_communicator, number, shard, buffer.Pieces[0]);
        return buffer;
    }

    /// <param name="slice">Of any slice: names and weights are those of all, values were summed over the slices.</param>
    private Dictionary<string, double> Losses(IReadOnlyList<LossTerm> global, IReadOnlyList<LossTerm> slice)
    {
        var sums = _layout.Terms(_sum);
        var losses = new Dictionary<string, double>();
        var total = 0.0;
        foreach (var term in global)
        {
            losses[term.Name] = term.Value.item<double>();
            total += term.Weight * losses[term.Name];
        }

        for (var i = 0; i < slice.Count; i++)
        {
            losses[slice[i].Name] = sums[i];
            total += slice[i].Weight * sums[i];
        }

        losses[_update.LossName] = total;
        return losses;
    }
}
