using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>
/// Runs this rank's shards of one update: forward, the global statistics and the rows of its slices, the gradient of the loss with respect
/// to them, one backward a shard, and the sum over the shards of all ranks. Nothing of the trained state changes here, and the choice of
/// <see cref="ActivationMemory"/> changes no bit.
/// </summary>
internal sealed class ShardRunner
{
    private readonly GanUpdate _update;
    private readonly ShardGrid _grid;
    private readonly Communicator _communicator;
    private readonly int[] _own;
    private readonly int _contributors;
    private readonly ShardForwards _forwards;
    private readonly StatisticsReduction _statistics;
    private readonly SliceRows _rows;
    private readonly GradientLayout _layout;
    private readonly GradientBuckets _buckets;
    private readonly float[] _sum;

    /// <param name="update">One of the task's.</param>
    public ShardRunner(GanTask task, GanUpdate update, Communicator communicator, ActivationMemory memory)
    {
        var grid = task.Grid;
        (_update, _grid, _communicator) = (update, grid, communicator);
        var range = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);
        _own = [.. Enumerable.Range(range.Start, range.Count)];
        _contributors = Enumerable.Range(0, grid.Count).Count(shard => update.Includes(grid, shard));

        // The graph of an only shard is that of one shard.
        _forwards = new ShardForwards(task, update, recompute: memory == ActivationMemory.OneShard && _own.Length > 1);
        _statistics = new StatisticsReduction(update.StatisticsLength, grid, communicator);
        _rows = new SliceRows(update, grid, communicator);
        _layout = new GradientLayout(update);
        _buckets = new GradientBuckets(_layout.Length);
        _sum = new float[_layout.Length];
    }

    /// <param name="number">The update's number in the trial, which names its collectives.</param>
    /// <param name="stop">Whether this rank asks all to stop; only rank 0's word counts.</param>
    /// <exception cref="PeerLostException">A peer is gone; the update can be run again in another quorum.</exception>
    public UpdateSum Run(long number, bool stop)
    {
        using var scope = NewDisposeScope();
        var outputs = Array.ConvertAll(_own, shard => (Shard: shard, Output: _update.Includes(_grid, shard) ? _forwards.Output(shard) : null));

        var (statistics, stopRequested) = _statistics.Reduce(
            new Operation(number, 0), outputs.Select(own => (own.Shard, own.Output?.Statistics)), stop);
        var global = LossGradient.Of(statistics, _update.GlobalTerms);

        var rows = _rows.Gather(new Operation(number, 1), Array.ConvertAll(outputs, own => (own.Shard, own.Output?.Rows)));
        var slices = rows.ToDictionary(
            slice => slice.Key, slice => LossGradient.Of(slice.Value, leaf => _update.SliceTerms(statistics, leaf.to(float64))));

        foreach (var (shard, output) in outputs)
        {
            Backward(shard, output, global, slices.GetValueOrDefault(_grid.SliceOf(shard)));
        }

        _buckets.AllReduce(_communicator, new Operation(number, 2), _grid.Count, _sum);
        return new UpdateSum(
            _sum.AsMemory(0, _update.Parameters.Layout.Length),
            _layout.MeanNormStatistics(_sum, _contributors),
            Losses(global.Terms, slices.Values.FirstOrDefault()?.Terms ?? []),
            stopRequested);
    }

    private void Backward(int shard, ShardOutput? first, LossGradient global, LossGradient? slice)
    {
        if (first is null)
        {
            _buckets.PushAbsent(shard);
            return;
        }

        using var scope = NewDisposeScope();
        var output = _forwards.Graph(shard, first);
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

        _buckets.Push(shard, buffer);
        _forwards.Done(shard);
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
