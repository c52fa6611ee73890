using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>
/// A training's state as it was between two steps, in memory of its own, which serves one copy after the other. Whoever holds it may read it
/// on any thread while the training goes on.
/// </summary>
internal sealed class StateCopy
{
    private readonly Group[] _weights;
    private readonly Group[] _moments;

    public StateCopy(TrainingState state)
    {
        _weights = [.. state.Task.State.Select(tensors => new Group(tensors.Layout, ""))];
        _moments = [.. state.Moments.Select(moment => new Group(moment.Tensors.Layout, moment.Suffix))];
    }

    /// <summary>Steps completed when the copy was made.</summary>
    public int Step { get; private set; }

    /// <summary>Copies a state of the trial that this was made for.</summary>
    /// <exception cref="InvalidOperationException">The state lies within a step.</exception>
    public void Take(TrainingState state)
    {
        if (state.Next != 0)
        {
            throw new InvalidOperationException($"update {state.Updates} lies within a step; a copy is made between steps.");
        }

        Step = state.Step;
        foreach (var (group, tensors) in _weights.Zip(state.Task.State).Concat(_moments.Zip(state.Moments.Select(moment => moment.Tensors))))
        {
            tensors.Values.CopyTo(group.Values);
        }
    }

    /// <summary>The copy as a checkpoint holds it. It shares the memory: valid until the next copy is made here.</summary>
    public TrainingSnapshot ToSnapshot() =>
        new(Step, [.. _weights.SelectMany(group => group.Records)], [.. _moments.SelectMany(group => group.Records)]);

    /// <summary>Weights and running statistics as kernels need them, in the order of the task's state; the caller disposes of them.</summary>
    public FlatTensors[] NewTensors() => Array.ConvertAll(_weights, group =>
    {
        var tensors = new FlatTensors(group.Layout);
        group.Values.CopyTo(tensors.Values);
        return tensors;
    });

    private sealed record Group(TensorLayout Layout, string Suffix)
    {
        public float[] Values { get; } = GC.AllocateUninitializedArray<float>(Layout.Length);

        public IEnumerable<TensorRecord> Records => Layout.Tensors.Select((tensor, i) =>
            new TensorRecord(tensor.Name + Suffix, tensor.Shape, Values.AsMemory(Layout.Offsets[i], tensor.Length)));
    }
}
