using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Bench;

/// <summary>
/// The training as anyone would write it down who has one device and no cluster: forward, loss, backward, optimiser. No ranks, no buffers to send, no
/// commits, no reports, no checkpoints. It is what the orchestrated training is measured by, and what it must agree with, bit by bit.
/// </summary>
/// <remarks>For one thread, its maker's.</remarks>
public sealed class BareTraining : IDisposable
{
    private readonly TrainingState _state;

    /// <exception cref="TrainingConfigException">The config cannot be trained on this data set.</exception>
    public BareTraining(TrainingConfig config, Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(dataset);
        TorchRuntime.Initialise();
        TorchRuntime.EnterThread();
        _state = new TrainingState(TaskCatalog.Create(config, dataset), config.Optimizer);
    }

    public int Step => _state.Step;

    /// <summary>What the file <c>weights.safetensors</c> of a checkpoint of this step holds.</summary>
    public void WriteWeights(Stream destination)
    {
        var copy = new StateCopy(_state);
        copy.Take(_state);
        Safetensors.Write(destination, copy.ToSnapshot().Weights);
    }

    public void Train()
    {
        _state.Task.Begin(_state.Step);
        foreach (var update in _state.Task.Updates)
        {
            using var scope = NewDisposeScope();
            Make(update);
        }
    }

    public void Dispose() => _state.Dispose();

    private void Make(GanUpdate update)
    {
        // 1. Forward: every shard's part, and the loss of them all.
        var grid = _state.Task.Grid;
        var shards = Enumerable.Range(0, grid.Count).Where(shard => update.Includes(grid, shard)).ToArray();
        var outputs = shards.ToDictionary(shard => shard, update.Forward);
        var statistics = ShardTree.Sum(grid.Count, shard => outputs.GetValueOrDefault(shard)?.Statistics)!;
        var global = LossGradient.Of(statistics, update.GlobalTerms);
        var slices = shards.Where(shard => outputs[shard].Rows is not null).GroupBy(grid.SliceOf).ToDictionary(
            slice => slice.Key,
            slice => LossGradient.Of(cat([.. slice.Select(shard => outputs[shard].Rows!.detach())], 0), leaf => update.SliceTerms(statistics, leaf.to(float64))));

        // 2. Backward, and the sum over the shards.
        var layout = new GradientLayout(update);
        var gradient = ShardTree.Sum(grid.Count, shard => outputs.TryGetValue(shard, out var output) ? Backward(shard, output, shards, outputs) : null)!;

        // 3. The optimiser, and the running statistics.
        var sum = TensorMemory.Floats(gradient);
        _state.Commit(new UpdateSum(sum[..layout.GradientLength].ToArray(), layout.MeanNormStatistics(sum, shards.Length), new Dictionary<string, double>(), StopRequested: false));

        Tensor Backward(int shard, ShardOutput output, int[] all, Dictionary<int, ShardOutput> given)
        {
            List<Tensor> roots = [], gradients = [];
            if (output.Statistics is { } own)
            {
                (roots, gradients) = ([own], [global.Gradient!]);
            }

            if (output.Rows is { } rows)
            {
                var first = all.Where(before => before < shard && grid.SliceOf(before) == grid.SliceOf(shard)).Sum(before => given[before].Rows!.shape[0]);
                roots.Add(rows);
                gradients.Add(slices[grid.SliceOf(shard)].Gradient!.narrow(0, first, rows.shape[0]));
            }

            var flat = zeros(layout.Length, float32);
            var leaves = layout.Leaves.ToArray();
            var computed = autograd.grad(roots, [.. leaves.Select(part => part.Leaf)], gradients, allow_unused: true);
            foreach (var (part, (_, offset)) in computed.Zip(leaves).Where(one => !one.First.IsInvalid))
            {
                TensorMemory.Floats(part.contiguous()).CopyTo(TensorMemory.Floats(flat)[offset..]);
            }

            var place = layout.GradientLength;
            foreach (var call in output.NormStatistics)
            {
                call.Values.CopyTo(TensorMemory.Floats(flat)[place..]);
                place += call.Layout.Length;
            }

            return flat;
        }
    }
}
