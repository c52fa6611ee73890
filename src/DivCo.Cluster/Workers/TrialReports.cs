using System.Threading.Channels;
using DivCo.Cluster.Trials;
using DivCo.Training;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Workers;

/// <summary>
/// Carries the reports of one rank to its trial's grain, in order, off the device's thread. A report of losses may be dropped when the
/// grain is away for long; a checkpoint is repeated until it is taken or refused. What the grain cannot write is repeated too, and the
/// training stands still meanwhile.
/// </summary>
internal sealed class TrialReports : IDisposable
{
    private const int Backlog = 1024;
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _deadline = TimeSpan.FromMinutes(2);

    private readonly Channel<(Func<Task<string?>> Send, bool Droppable)> _queue = Channel.CreateUnbounded<(Func<Task<string?>>, bool)>();

    private readonly CancellationTokenSource _closed = new();
    private readonly ITrialGrain _trial;
    private readonly string _trialId;
    private readonly uint _epoch;
    private readonly OutputGate _output;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _pump;

    public TrialReports(ITrialGrain trial, string trialId, uint epoch, OutputGate output, TimeProvider time, ILogger log)
    {
        (_trial, _trialId, _epoch, _output, _time, _log) = (trial, trialId, epoch, output, time, log);
        _pump = Task.Run(Pump);
    }

    public void Step(StepReport report)
    {
        if (_queue.Reader.Count < Backlog)
        {
            _queue.Writer.TryWrite((() => _trial.Report(_epoch, report.Step, report.Metrics.ToDictionary()), true));
        }
    }

    public void Checkpoint(WrittenCheckpoint written)
    {
        var manifest = written.Manifest;
        var entry = new CheckpointEntry(
            written.Name, written.Path, written.ManifestSha256, manifest.Step, manifest.Epoch, manifest.Metrics.ToDictionary(),
            manifest.WeightsSha256, manifest.StateSha256, manifest.WrittenAt);
        _queue.Writer.TryWrite((() => _trial.Propose(_epoch, entry), false));
    }

    /// <summary>Waits until the grain has taken or refused all that was reported.</summary>
    /// <exception cref="TimeoutException">It did not within two minutes.</exception>
    public void Flush(CancellationToken abort)
    {
        _queue.Writer.TryComplete();
        using var done = new ManualResetEventSlim();
        _pump.ContinueWith(_ => done.Set(), TaskScheduler.Default);
        _output.Patiently(() =>
        {
            if (!done.Wait(_deadline, abort))
            {
                throw new TimeoutException($"{_trialId} did not take the last reports of epoch {_epoch} within {_deadline}.");
            }
        });

        if (_pump.IsFaulted)
        {
            throw _pump.Exception!.InnerException!;
        }
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _closed.Cancel();
    }

    private async Task Pump()
    {
        await foreach (var (send, droppable) in _queue.Reader.ReadAllAsync())
        {
            await Deliver(send, droppable);
        }
    }

    private async Task Deliver(Func<Task<string?>> send, bool droppable)
    {
        try
        {
            for (var attempts = 1; !_closed.IsCancellationRequested && await Obstacle(send, droppable) is { } obstacle; attempts++)
            {
                _output.Close(this, obstacle);
                await Task.Delay(OutputGate.PauseAfter(attempts), _time, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _output.Open(this);
        }
    }

    /// <summary>Why the trial cannot write what it was told; null: it has, or has moved on to another epoch and will tell this worker itself.</summary>
    private async Task<string?> Obstacle(Func<Task<string?>> send, bool droppable)
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                return await send();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _log.LogWarning("{Trial} could not be told of the progress of epoch {Epoch}: {Message}", _trialId, _epoch, e.Message);
                if (droppable)
                {
                    return null;
                }

                await Task.Delay(_retryAfter, _time, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }
}
