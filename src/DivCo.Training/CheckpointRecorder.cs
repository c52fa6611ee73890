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
    private static readonly TimeSpan _patienceWithFigures = TimeSpan.FromMinutes(20);

    private readonly TrainingRun _run;
    private readonly TrainingState _state;
    private readonly Quorum _quorum;
    private readonly CheckpointWriter _writer;
    private readonly CancellationTokenSource _leaving = new();
    private readonly KeyValuePair<string, object?> _device;
    private readonly ActivityContext _trace;

    /// <summary>Copies to be made anew. The queue is bounded, so few exist: one being made, one waiting, one being written.</summary>
    private readonly ConcurrentBag<StateCopy> _free = [];

    public CheckpointRecorder(TrainingRun run)
    {
        (_run, _state, _quorum) = (run, run.Replica.State, run.Communicator.Quorum);
        _device = new(TrainingTelemetry.Device, _quorum.Members[run.Communicator.Rank]);
        _trace = Activity.Current is { Recorded: true } current ? current.Context : default;
        _writer = new CheckpointWriter(run.Checkpoints, run.CheckpointWritten);
    }

    /// <summary>Time spent in here by the training's thread.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Of it, in <see cref="Flush"/>, which no step follows.</summary>
    public TimeSpan Flushed { get; private set; }

    /// <summary>Copies the state as it is, for a checkpoint that is recorded later.</summary>
    public Taken Take(IReadOnlyDictionary<string, double> metrics)
    {
        var start = Stopwatch.GetTimestamp();
        var copy = _free.TryTake(out var used) ? used : new StateCopy(_state);
        copy.Take(_state);
        var waited = Stopwatch.GetElapsedTime(start);
        Waited += waited;
        return new Taken(copy, metrics, waited);
    }

    /// <summary>Records the state as it is.</summary>
    /// <exception cref="CheckpointException">An earlier checkpoint could not be written; a file system that refuses is waited for.</exception>
    /// <exception cref="TimeoutException">The file system stands still.</exception>
    public void Record(IReadOnlyDictionary<string, double> metrics, CancellationToken abort) => Record(Take(metrics), _ => NoFigures, abort);

    /// <summary>Records a state that was copied before.</summary>
    /// <param name="figures">Computed on the writer's thread, for the checkpoint's metrics.</param>
    /// <exception cref="CheckpointException">An earlier checkpoint could not be written; a file system that refuses is waited for.</exception>
    /// <exception cref="TimeoutException">The file system stands still.</exception>
    public void Record(Taken taken, Func<CancellationToken, IReadOnlyDictionary<string, double>> figures, CancellationToken abort)
    {
        var start = Stopwatch.GetTimestamp();
        _run.Output.Patiently(() => Enqueue(taken, figures, abort));
        var waited = Stopwatch.GetElapsedTime(start);
        Waited += waited;
        TrainingTelemetry.CheckpointWaits.Record((taken.Waited + waited).TotalSeconds, _device);
    }

    /// <summary>Records a state without figures, on the way out: whatever goes wrong is not what ended the run, and is left unsaid.</summary>
    public void Leave(Taken taken)
    {
        try
        {
            _leaving.Cancel();
            Enqueue(taken, _ => NoFigures, CancellationToken.None);
        }
        catch (Exception e) when (e is CheckpointException or TimeoutException)
        {
            // The checkpoint before is there.
        }
    }

    /// <summary>Returns when all that was recorded is durable and reported.</summary>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    public void Flush(CancellationToken abort)
    {
        var start = Stopwatch.GetTimestamp();
        _run.Output.Patiently(() => _writer.Flush(Patience, abort));
        Flushed += Stopwatch.GetElapsedTime(start);
        Waited += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>
    /// Figures that are still being computed are given up: their checkpoint is written without them. What the file system refuses now is given
    /// up too: the training goes on elsewhere, or has ended.
    /// </summary>
    public void Dispose()
    {
        _leaving.Cancel();
        _writer.Dispose();
    }

    private void Enqueue(Taken taken, Func<CancellationToken, IReadOnlyDictionary<string, double>> figures, CancellationToken abort) =>
        _writer.Enqueue(taken.Copy.Step, folder => Write(folder, taken, figures), Patience, abort);

    private static IReadOnlyDictionary<string, double> NoFigures => new Dictionary<string, double>();

    private TimeSpan Patience => _run.Evaluation is null ? _patience : _patienceWithFigures;

    private WrittenCheckpoint Write(CheckpointFolder folder, Taken taken, Func<CancellationToken, IReadOnlyDictionary<string, double>> figures)
    {
        var (copy, metrics, _) = taken;
        var start = Stopwatch.GetTimestamp();
        using var span = _trace == default ? null : TrainingTelemetry.Source.StartActivity("checkpoint", ActivityKind.Internal, _trace)?.SetTag("divco.step", copy.Step);
        try
        {
            var images = Samples(copy);
            var withDiversity = new Dictionary<string, double>(metrics.Concat(FiguresOrNone(figures)))
            {
                [StepMetrics.Diversity] = Diversity.Of(images, _state.Task.PictureConditions.Count, FixedSamples.PerCondition),
                [StepMetrics.SampleVariance] = SampleVariance.Least(images, _state.Task.PictureConditions.Count, FixedSamples.PerCondition),
            };
            var facts = new CheckpointFacts(
                _quorum.TrialId, _run.TrialHash, _quorum.Epoch, TorchRuntime.HardwareClass, withDiversity, _run.Trial, _run.Replica.Dataset.Sha256);
            var snapshot = copy.ToSnapshot();
            var written = _run.Output.Persist(() => folder.Write(snapshot, facts), _leaving.Token);
            _run.Output.Persist(() => WritePicture(copy.Step, images), _leaving.Token);
            TrainingTelemetry.CheckpointWrites.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, _device);
            TrainingTelemetry.CheckpointSizes.Record(written.Manifest.Files.Values.Sum(file => file.Bytes), _device);
            TrainingTelemetry.CheckpointTime.Record(written.Manifest.WrittenAt.ToUnixTimeMilliseconds() / 1e3, _device);
            return written;
        }
        finally
        {
            _free.Add(copy);
        }
    }

    private IReadOnlyDictionary<string, double> FiguresOrNone(Func<CancellationToken, IReadOnlyDictionary<string, double>> figures)
    {
        try
        {
            return figures(_leaving.Token);
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            return NoFigures;
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

    /// <summary>A state as it was at a step, with its metrics.</summary>
    /// <param name="Waited">Time that the copy took.</param>
    internal sealed record Taken(StateCopy Copy, IReadOnlyDictionary<string, double> Metrics, TimeSpan Waited);
}
