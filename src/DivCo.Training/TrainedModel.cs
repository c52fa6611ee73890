using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>The networks of a checkpoint, to generate from and to judge: without an optimiser, and on any split of the data set.</summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class TrainedModel : IDisposable
{
    /// <param name="dataset">The images whose conditions are generated: usually the test split.</param>
    /// <param name="path">Of the checkpoint, for messages.</param>
    /// <exception cref="TrainingConfigException">The config does not fit the data set.</exception>
    /// <exception cref="CheckpointException">The checkpoint is of other networks; names the tensor.</exception>
    public TrainedModel(TrainingConfig config, Dataset dataset, TrainingSnapshot snapshot, string path)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(snapshot);
        TorchRuntime.Initialise();
        TorchRuntime.EnterThread();
        (Dataset, Step) = (dataset, snapshot.Step);
        Task = TaskCatalog.Create(config, dataset);
        try
        {
            var state = new CanonicalState(Task.State.Select(tensors => (tensors, "")));
            state.Assign(state.Match(snapshot.Weights));
        }
        catch (InvalidDataException e)
        {
            Task.Dispose();
            throw new CheckpointException(CheckpointFault.Foreign, path, e.Message, e);
        }
    }

    public Dataset Dataset { get; }

    /// <summary>Steps completed.</summary>
    public int Step { get; }

    internal GanTask Task { get; }

    public void Dispose() => Task.Dispose();
}
