using DivCo.Training.Checkpoints;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>
/// All that a trial has learnt: weights, running statistics, moments, and how many updates were committed. It changes in
/// <see cref="Commit"/> and <see cref="Assign"/> alone, whole, with no I/O in between.
/// </summary>
internal sealed class TrainingState : IDisposable
{
    private const double NormMomentum = 0.1;

    private readonly Dictionary<FlatTensors, Adam> _optimizers = [];
    private readonly LearningRateSchedule _schedule;
    private SortedDictionary<string, double> _losses = new(StringComparer.Ordinal);

    public TrainingState(GanTask task, OptimizerConfig config)
    {
        (Task, _schedule) = (task, config.Schedule);
        foreach (var tensors in task.Updates.SelectMany(update => update.Trained).Distinct())
        {
            _optimizers.Add(tensors, new Adam(config, tensors));
        }

        Canonical = new CanonicalState([.. task.State.Select(tensors => (tensors, "")), .. Moments]);
    }

    public GanTask Task { get; }

    /// <summary>The moments of all optimisers, with what is added to the parameters' names.</summary>
    public IEnumerable<(FlatTensors Tensors, string Suffix)> Moments => _optimizers.Values.SelectMany(optimizer => optimizer.Moments);

    /// <summary>The state as one sequence of bytes.</summary>
    public CanonicalState Canonical { get; }

    /// <summary>The losses of the newest update of each kind, by metric name; they decide nothing.</summary>
    public IReadOnlyDictionary<string, double> Losses => _losses;

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
        Train(update, GradientClipping.Apply(sum.Gradient.Span, update.ClipNorm));
        MoveStatistics(update, sum.NormStatistics.Span);

        foreach (var (name, value) in sum.Losses)
        {
            _losses[name] = value;
        }

        Updates++;
    }

    /// <exception cref="InvalidDataException">The snapshot is of other networks; nothing was changed.</exception>
    public void Restore(TrainingSnapshot snapshot, IReadOnlyDictionary<string, double> losses) =>
        Assign(Canonical.Match(snapshot.Weights.Concat(snapshot.Moments)), (long)snapshot.Step * Task.Updates.Count, losses);

    /// <summary>Becomes another state, whose values were all checked before.</summary>
    public void Assign(ReadOnlySpan<ReadOnlyMemory<float>> values, long updates, IReadOnlyDictionary<string, double> losses)
    {
        var newLosses = new SortedDictionary<string, double>(losses.ToDictionary(), StringComparer.Ordinal);
        Canonical.Assign(values);
        (Updates, _losses) = (updates, newLosses);
    }

    public void Dispose()
    {
        foreach (var optimizer in _optimizers.Values)
        {
            optimizer.Dispose();
        }

        Task.Dispose();
    }

    private void Train(GanUpdate update, ReadOnlySpan<float> gradient)
    {
        foreach (var tensors in update.Trained)
        {
            var length = tensors.Layout.Length;
            _optimizers[tensors].Step(TensorMemory.Float32(gradient[..length], length), UpdatesOf(tensors), update.LearningRateScale * _schedule.Factor(Step));
            gradient = gradient[length..];
        }
    }

    /// <summary>How many updates trained the tensors, the next one included: Adam's count, which follows from the trial's.</summary>
    private long UpdatesOf(FlatTensors tensors)
    {
        var inStep = Task.Updates.Count(update => update.Trained.Contains(tensors));
        return ((long)Step * inStep) + Task.Updates.Take(Next + 1).Count(update => update.Trained.Contains(tensors));
    }

    private static void MoveStatistics(GanUpdate update, ReadOnlySpan<float> batch)
    {
        foreach (var (tensors, _) in update.RunningStatistics)
        {
            var values = tensors.Values;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)(((1 - NormMomentum) * values[i]) + (NormMomentum * batch[i]));
            }

            batch = batch[values.Length..];
        }
    }
}
