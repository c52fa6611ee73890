using System.Threading.Channels;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Trials;
using DivCo.Training;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Workers;

/// <summary>
/// Carries the reports of one rank to its trial's grain, in order, off the device's thread; each is repeated until it is taken or refused. Only the
/// checkpoints that wait for a Redis to come back step aside for losses. While the grain is away for long, reports of losses beyond a bound are
/// dropped; while it cannot write, the training stands still.
/// </summary>
internal sealed class TrialReports : IDisposable
{
    private const int Backlog = 8192;
    private static readonly TimeSpan _retryAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _deadline = TimeSpan.FromMinutes(2);

    /// <summary>Each answers why the trial cannot write what it is told; null: it has, or has moved on to another epoch and will tell this worker itself.</summary>
    private readonly Channel<Func<Task<string?>>> _queue = Channel.CreateUnbounded<Func<Task<string?>>>();
    private readonly Channel<Func<Task<string?>>> _aside = Channel.CreateUnbounded<Func<Task<string?>>>();

    private readonly CancellationTokenSource _closed = new();
    private readonly ITrialGrain _trial;
    private readonly string _trialId;
    private readonly uint _epoch;
    private readonly OutputGate _output;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _pump;

    /// <summary>Checkpoints that stepped aside.</summary>
    private int _waiting;

    public TrialReports(ITrialGrain trial, string trialId, uint epoch, OutputGate output, TimeProvider time, ILogger log)
    {
        (_trial, _trialId, _epoch, _output, _time, _log) = (trial, trialId, epoch, output, time, log);
        _pump = Task.WhenAll(Task.Run(PumpQueue), Task.Run(() => Pump(_aside)));
    }

    /// <summary>Makes those reports of earlier epochs that did not arrive: their rank 0 may be dead.</summary>
    public void Repeat(IReadOnlyList<StepReport> recent) => _queue.Writer.TryWrite(async () =>
    {
        var arrived = (await _trial.Status()).Step;
        foreach (var report in recent.Where(report => report.Step > arrived))
        {
            if (await Send(report) is { } obstacle)
            {
                return obstacle;
            }
        }

        return null;
    });

    public void Step(StepReport report)
    {
        if (_queue.Reader.Count < Backlog)
        {
            _queue.Writer.TryWrite(() => Send(report));
        }
    }

    public void Checkpoint(WrittenCheckpoint written)
    {
        var manifest = written.Manifest;
        var entry = new CheckpointEntry(
            written.Name, written.Path, written.ManifestSha256, manifest.Step, manifest.Epoch, manifest.Metrics.ToDictionary(),
            manifest.WeightsSha256, manifest.StateSha256, manifest.WrittenAt);
        _queue.Writer.TryWrite(() => Propose(entry));
    }

    /// <summary>Waits until the grain has taken or refused all that was reported.</summary>
    /// <exception cref="TimeoutException">It did not within two minutes in which no checkpoint waited for the Redis.</exception>
    public void Flush(CancellationToken abort)
    {
        _queue.Writer.TryComplete();
        using var done = new ManualResetEventSlim();
        _pump.ContinueWith(_ => done.Set(), TaskScheduler.Default);
        _output.Patiently(() =>
        {
            while (!done.Wait(_deadline, abort))
            {
                if (Volatile.Read(ref _waiting) == 0)
                {
                    throw new TimeoutException($"{_trialId} did not take the last reports of epoch {_epoch} within {_deadline}.");
                }
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

    private Task<string?> Send(StepReport report) => _trial.Report(_epoch, report.Step, report.Metrics.ToDictionary());

    /// <summary>In order with the losses at first; once the Redis is away, behind the checkpoints that wait for it already.</summary>
    private async Task<string?> Propose(CheckpointEntry entry)
    {
        try
        {
            if (Volatile.Read(ref _waiting) == 0)
            {
                return await _trial.Propose(_epoch, entry);
            }
        }
        catch (Exception e) when (StorageRefusal.IsAway(e))
        {
            _log.LogWarning("{Trial}: {Checkpoint} waits to be recorded: {Message}", _trialId, entry.Name, e.Message);
        }

        Interlocked.Increment(ref _waiting);
        _aside.Writer.TryWrite(async () =>
        {
            var obstacle = await _trial.Propose(_epoch, entry);
            if (obstacle is null)
            {
                Interlocked.Decrement(ref _waiting);
            }

            return obstacle;
        });
        return null;
    }

    private async Task PumpQueue()
    {
        try
        {
            await Pump(_queue);
        }
        finally
        {
            _aside.Writer.TryComplete();
        }
    }

    private async Task Pump(Channel<Func<Task<string?>>> queue)
    {
        await foreach (var send in queue.Reader.ReadAllAsync())
        {
            await Deliver(send);
        }
    }

    private async Task Deliver(Func<Task<string?>> send)
    {
        try
        {
            for (var attempts = 1; !_closed.IsCancellationRequested && await Obstacle(send) is { } obstacle; attempts++)
            {
                _output.Close(send, obstacle);
                await Task.Delay(OutputGate.PauseAfter(attempts), _time, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _output.Open(send);
        }
    }

    /// <summary>Says it until the trial's grain has answered.</summary>
    private async Task<string?> Obstacle(Func<Task<string?>> send)
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
                await Task.Delay(_retryAfter, _time, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }
}
