using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>
/// Runs this rank's shards of one update: forward, the global statistics and the rows of its slices, the gradient of the loss with respect
/// to them, one backward a shard, and the sum over the shards of all ranks. What the next updates need of shards that are not in this one is computed
/// while sums are on the way. Nothing of the trained state changes here, and the choice of <see cref="ActivationMemory"/> changes no bit.
/// </summary>
internal sealed class ShardRunner
{
    private readonly GanUpdate _update;
    private readonly ShardGrid _grid;
    private readonly Communicator _communicator;
    private readonly int[] _own;
    private readonly int _contributors;
    private readonly bool _isSpectator;
    private readonly Action[] _ahead;
    private readonly Overlap _overlap = new();
    private readonly ShardForwards _forwards;
    private readonly StatisticsReduction _statistics;
    private readonly SliceRows _rows;
    private readonly GradientLayout _layout;
    private readonly GradientBuckets _buckets;
    private readonly ShardBackward _backward;
    private readonly float[] _sum;
    private readonly ShardAudit? _audit;

    /// <param name="update">One of the task's.</param>
    /// <param name="draw">What is audited; null: nothing.</param>
    public ShardRunner(GanTask task, GanUpdate update, Communicator communicator, ActivationMemory memory, AuditDraw? draw = null)
    {
        var grid = task.Grid;
        (_update, _grid, _communicator) = (update, grid, communicator);
        var range = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);
        _own = [.. Enumerable.Range(range.Start, range.Count)];
        _contributors = Enumerable.Range(0, grid.Count).Count(shard => update.Includes(grid, shard));
        _isSpectator = !Array.Exists(_own, shard => update.Includes(grid, shard));

        // The graph of an only shard is that of one shard.
        var recompute = memory == ActivationMemory.OneShard && _own.Length > 1;
        _forwards = new ShardForwards(task, update, recompute);

        // What is computed ahead is kept, so not where a graph is made for its backward alone.
        var later = task.Updates.SkipWhile(earlier => earlier != update).Skip(1).ToArray();
        _ahead = recompute || communicator.Size == 1 ? [] :
        [
            .. _own.Where(shard => !update.Includes(grid, shard) && Array.Exists(later, next => next.Includes(grid, shard)))
                .Select(task.Preparation).OfType<Action>(),
        ];
        _statistics = new StatisticsReduction(update.StatisticsLength, grid, communicator);
        _rows = new SliceRows(update, grid, communicator);
        _layout = new GradientLayout(update);
        _buckets = new GradientBuckets(_layout.Length);
        _backward = new ShardBackward(task, update, communicator, _rows, _layout, _buckets);
        _sum = new float[_layout.Length];
        _audit = draw is null ? null : new ShardAudit(draw, update, grid, communicator, _rows, firstBucket: 2 + _buckets.Count);
    }

    /// <summary>Time in collectives that was not waited for, since the device computed on.</summary>
    public TimeSpan HiddenExchange => _overlap.Hidden;

    /// <param name="number">The update's number in the trial, which names its collectives.</param>
    /// <param name="stop">Whether this rank asks all to stop; only rank 0's word counts.</param>
    /// <exception cref="PeerLostException">A peer is gone; the update can be run again in another quorum.</exception>
    /// <exception cref="AuditException">Devices computed different bits; the update can be run again without the outvoted one.</exception>
    public UpdateSum Run(long number, bool stop)
    {
        using var scope = NewDisposeScope();
        _buckets.Clear();
        _rows.Clear();
        var audited = _audit?.Drawn(number) ?? [];
        var hashes = new Dictionary<int, byte[]>();
        var outputs = Array.ConvertAll(_own, shard => (Shard: shard, Output: _update.Includes(_grid, shard) ? _forwards.Output(shard) : null));

        if (_isSpectator)
        {
            // It only adds up what others give, and nothing of that waits for what it computes meanwhile.
            Array.ForEach(_own, _buckets.PushAbsent);
            _overlap.Run(
                () =>
                {
                    ReduceStatistics();
                    ReduceGradients();
                },
                _ahead);
        }
        else
        {
            ReduceStatistics();
        }

        var statistics = _statistics.ToTensor();
        var global = LossGradient.Of(statistics, _update.GlobalTerms);
        var slices = new Dictionary<int, LossGradient>();
        if (!_isSpectator)
        {
            Backpropagate();
            _overlap.Run(ReduceGradients, _ahead);
        }

        if (audited.Count > 0)
        {
            _audit!.Check(
                number,
                audited,
                hashes,
                shard => _backward.RunAgain(number, shard, statistics, global),
                _layout.Length,
                element => [_statistics.Audited(), _buckets.Audited(_communicator, _grid.Count, element, _sum)]);
        }

        return new UpdateSum(
            _sum.AsMemory(0, _layout.GradientLength),
            _layout.MeanNormStatistics(_sum, _contributors),
            Losses(global.Terms, slices.Values.FirstOrDefault()?.Terms ?? []),
            _statistics.StopRequested);

        void ReduceStatistics() => _statistics.Reduce(new Operation(number, 0), outputs.Select(own => (own.Shard, own.Output?.Statistics)), stop);

        void ReduceGradients() => _buckets.AllReduce(_communicator, new Operation(number, 2), _grid.Count, _sum);

        void Backpropagate()
        {
            var rows = _rows.Gather(new Operation(number, 1), Array.ConvertAll(outputs, own => (own.Shard, own.Output?.Rows)));
            slices = rows.ToDictionary(slice => slice.Key, slice => _backward.SliceLoss(statistics, slice.Value));
            foreach (var (shard, output) in outputs)
            {
                if (output is null)
                {
                    _buckets.PushAbsent(shard);
                    continue;
                }

                using var graph = NewDisposeScope();
                var buffer = _backward.Run(number, shard, _forwards.Graph(shard, output), global, slices.GetValueOrDefault(_grid.SliceOf(shard)));
                if (audited.Contains(shard))
                {
                    hashes.Add(shard, ShardHash.Of(output, buffer));
                }

                _buckets.Push(shard, buffer);
                _forwards.Done(shard);
            }
        }
    }

    /// <param name="slice">Of any slice: names and weights are those of all, values were summed over the slices.</param>
    private Dictionary<string, double> Losses(IReadOnlyList<LossTerm> global, IReadOnlyList<LossTerm> slice)
    {
        var sums = _layout.Terms(_sum);
        var losses = new Dictionary<string, double> { [_update.LossName] = 0 };
        foreach (var term in global)
        {
            Add(term, term.Value.item<double>());
        }

        for (var i = 0; i < slice.Count; i++)
        {
            Add(slice[i], sums[i]);
        }

        return losses;

        void Add(LossTerm term, double value)
        {
            var whole = term.Loss ?? _update.LossName;
            if (term.Name != whole)
            {
                losses[term.Name] = value;
            }

            losses[whole] = losses.GetValueOrDefault(whole) + (term.Weight * value);
        }
    }
}
