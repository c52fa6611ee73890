using System.Collections.Concurrent;
using DivCo.Training.Checkpoints;
using DivCo.Training.Evaluation;

namespace DivCo.Training;

/// <summary>
/// What rank 0 leaves behind at a checkpoint: the state, its metrics with diversity, and a picture. Copies are made on the training's
/// thread; all files are written on the writer's.
/// </summary>
internal sealed class CheckpointRecorder : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TrainingRun _run;
    private readonly TrainingState _state;
    private readonly CheckpointWriter _writer;
    private readonly ConcurrentDictionary<int, float[]> _images = [];

    public CheckpointRecorder(TrainingRun run)
    {
        (_run, _state) = (run, run.Replica.State);
        _writer = new CheckpointWriter(run.Checkpoints, Written);
    }

    /// <exception cref="CheckpointException">An earlier checkpoint could not be written.</exception>
    /// <exception cref="TimeoutException">The file system stands still.</exception>
    public void Record(IReadOnlyDictionary<string, double> metrics, CancellationToken abort)
    {
        var images = FixedSamples.Generate(_state.Task, _run.Replica.Config.Seed);
        var withDiversity = new Dictionary<string, double>(metrics)
        {
            [StepMetrics.Diversity] = Diversity.Of(images, _state.Task.Conditions, FixedSamples.PerCondition),
        };
        _images[_state.Step] = images;
        var quorum = _run.Communicator.Quorum;
        var facts = new CheckpointFacts(quorum.TrialId, _run.TrialHash, quorum.Epoch, TorchRuntime.HardwareClass, withDiversity);
        _writer.Enqueue(_state.Snapshot(), facts, Patience, abort);
    }

    /// <summary>Returns when all that was recorded is durable and reported.</summary>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    public void Flush(CancellationToken abort) => _writer.Flush(Patience, abort);

    public void Dispose() => _writer.Dispose();

    private void Written(WrittenCheckpoint checkpoint)
    {
        if (_images.TryRemove(checkpoint.Manifest.Step, out var images))
        {
            var model = _run.Replica.Config.Model;
            var png = SampleGrid.EncodePng(images, _state.Task.Conditions, FixedSamples.PerCondition, model.Channels, model.ImageSize);
            Directory.CreateDirectory(_run.SamplesFolder);
            var path = Path.Combine(_run.SamplesFolder, $"step-{checkpoint.Manifest.Step:D6}.png");
            File.WriteAllBytes(path + ".tmp", png);
            File.Move(path + ".tmp", path, overwrite: true);
        }

        _run.CheckpointWritten(checkpoint);
    }
}
