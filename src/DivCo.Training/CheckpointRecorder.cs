using System.Collections.Concurrent;
using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Checkpoints;
using DivCo.Training.Evaluation;

namespace DivCo.Training;

/// <summary>
/// What rank 0 leaves behind at a checkpoint: the state, its metrics with diversity, and a picture. On the training's thread the state is
/// copied, nothing else; samples are generated from the copy, and files written, on the writer's.
/// </summary>
internal sealed class CheckpointRecorder : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly TrainingRun _run;
    private readonly TrainingState _state;
    private readonly Quorum _quorum;
    private readonly CheckpointWriter _writer;
    private readonly CancellationTokenSource _giveUp = new();

    /// <summary>Copies to be made anew. The queue is bounded, so few exist: one being made, one waiting, one being written.</summary>
    private readonly ConcurrentBag<StateCopy> _free = [];

    public CheckpointRecorder(TrainingRun run)
    {
        (_run, _state, _quorum) = (run, run.Replica.State, run.Communicator.Quorum);
        _writer = new CheckpointWriter(run.Checkpoints, run.CheckpointWritten);
    }

    /// <summary>Time spent in here by the training's thread.</summary>
    public TimeSpan Waited { get; private set; }

    /// <exception cref="CheckpointException">An earlier checkpoint could not be written; a file system that refuses is waited for.</exception>
    /// <exception cref="TimeoutException">The file system stands still.</exception>
    public void Record(IReadOnlyDictionary<string, double> metrics, CancellationToken abort)
    {
        var start = Stopwatch.GetTimestamp();
        var copy = _free.TryTake(out var used) ? used : new StateCopy(_state);
        copy.Take(_state);
        _run.Output.Patiently(() => _writer.Enqueue(copy.Step, folder => Write(folder, copy, metrics), _patience, abort));
        Waited += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Returns when all that was recorded is durable and reported.</summary>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    public void Flush(CancellationToken abort)
    {
        var start = Stopwatch.GetTimestamp();
        _run.Output.Patiently(() => _writer.Flush(_patience, abort));
        Waited += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>What the file system refuses now is given up: the training goes on elsewhere, or has ended.</summary>
    public void Dispose()
    {
        _giveUp.Cancel();
        _writer.Dispose();
        _giveUp.Dispose();
    }

    private WrittenCheckpoint Write(CheckpointFolder folder, StateCopy copy, IReadOnlyDictionary<string, double> metrics)
    {
        try
        {
            var images = Samples(copy);
            var withDiversity = new Dictionary<string, double>(metrics)
            {
                [StepMetrics.Diversity] = Diversity.Of(images, _state.Task.PictureConditions.Count, FixedSamples.PerCondition),
            };
            var facts = new CheckpointFacts(
                _quorum.TrialId, _run.TrialHash, _quorum.Epoch, TorchRuntime.HardwareClass, withDiversity, _run.Trial, _run.Replica.Dataset.Sha256);
            var snapshot = copy.ToSnapshot();
            var written = _run.Output.Persist(() => folder.Write(snapshot, facts), _giveUp.Token);
            _run.Output.Persist(() => WritePicture(copy.Step, images), _giveUp.Token);
            return written;
        }
        finally
        {
            _free.Add(copy);
        }
    }

    /// <summary>The bits of the training's thread: the same calls on tensors that lie alike, and one thread to a kernel.</summary>
    private float[] Samples(StateCopy copy)
    {
        TorchRuntime.EnterThread();
        var tensors = copy.NewTensors();
        try
        {
            return FixedSamples.Generate(_state.Task, tensors, _run.Replica.Config.Seed);
        }
        finally
        {
            Array.ForEach(tensors, one => one.Dispose());
        }
    }

    private string WritePicture(int step, float[] images)
    {
        var model = _run.Replica.Config.Model;
        var (rows, columns, values) = SamplePicture.Of(_state.Task, images);
        var png = SampleGrid.EncodePng(values, rows, columns, model.Channels, model.ImageSize);
        var path = Path.Combine(_run.SamplesFolder, $"step-{step:D6}.png");
        try
        {
            Directory.CreateDirectory(_run.SamplesFolder);
            File.WriteAllBytes(path + ".tmp", png);
            File.Move(path + ".tmp", path, overwrite: true);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointFault.Storage, path, $"cannot be written: {e.Message}", e);
        }
    }
}
