using DivCo.Training.Checkpoints;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>
/// All that a trial has learnt: weights, running statistics, moments, and how many updates were committed. It changes in
/// <see cref="Commit"/> alone, whole, with no I/O in between.
/// </summary>
internal sealed class TrainingState : IDisposable
{
    private const double NormMomentum = 0.1;

    private readonly Adam[] _optimizers;

    public TrainingState(GanTask task, OptimizerConfig config)
    {
        Task = task;
        _optimizers = [.. task.Updates.Select(update => new Adam(config, update.Parameters))];
    }

    public GanTask Task { get; }

    /// <summary>The moments of all optimisers, with what is added to the parameters' names.</summary>
    public IEnumerable<(FlatTensors Tensors, string Suffix)> Moments => _optimizers.SelectMany(optimizer => optimizer.Moments);

    /// <summary>Updates committed since the trial began.</summary>
    public long Updates { get; private set; }

    /// <summary>Steps completed.</summary>
    public int Step => (int)(Updates / Task.Updates.Count);

    /// <summary>The next update, as an index into the task's.</summary>
    public int Next => (int)(Updates % Task.Updates.Count);

    /// <summary>Makes the next update.</summary>
    public void Commit(UpdateSum sum)
    {
        using var scope = NewDisposeScope();
        var update = Task.Updates[Next];
        var gradient = TensorMemory.Float32(sum.Gradient.Span, sum.Gradient.Length);
        _optimizers[Next].Step(gradient, Step + 1);
        if (update.RunningStatistics is { } running)
        {
            var values = running.Values;
            var batch = sum.NormStatistics.Span;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)(((1 - NormMomentum) * values[i]) + (NormMomentum * batch[i]));
            }
        }

        Updates++;
    }

    /// <exception cref="InvalidDataException">The snapshot is of other networks.</exception>
    public void Restore(TrainingSnapshot snapshot)
    {
        var weights = snapshot.Weights.ToDictionary(record => record.Name);
        var moments = snapshot.Moments.ToDictionary(record => record.Name);
        foreach (var tensors in Task.State)
        {
            tensors.Restore(weights);
        }

        foreach (var optimizer in _optimizers)
        {
            optimizer.Restore(moments);
        }

        Updates = (long)snapshot.Step * Task.Updates.Count;
    }

    public void Dispose()
    {
        foreach (var optimizer in _optimizers)
        {
            optimizer.Dispose();
        }

        Task.Dispose();
    }
}
