using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace DivCo.Training.Checkpoints;

/// <summary>
/// Writes checkpoints on a thread of its own, off the step's path. At most <see cref="Capacity"/> wait besides the one being written; then the
/// training waits. A failure surfaces at the next call that enqueues, or of <see cref="Flush"/>, once; later checkpoints are still tried.
/// For one caller thread.
/// </summary>
public sealed class CheckpointWriter : IDisposable
{
    /// <summary>Snapshots that may wait: each is a copy of all weights and moments.</summary>
    public const int Capacity = 1;

    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(30);

    private readonly CheckpointFolder _folder;
    private readonly Action<WrittenCheckpoint> _written;
    private readonly BlockingCollection<Func<CheckpointFolder, WrittenCheckpoint>> _queue = new(Capacity);
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private readonly Thread _thread;
    private int _pending;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Removes what an earlier process left unfinished in <paramref name="folder"/> and starts the thread.</summary>
    /// <param name="written">Called on the writer's thread when a checkpoint is durable; an exception of it surfaces like a failed write.</param>
    public CheckpointWriter(CheckpointFolder folder, Action<WrittenCheckpoint> written)
    {
        (_folder, _written) = (folder, written);
        _thread = new Thread(Run) { Name = "checkpoint writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Time that callers have waited here so far: what checkpoints cost the training.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Hands a snapshot over; nobody may change its tensors afterwards.</summary>
    /// <exception cref="CheckpointException">An earlier checkpoint could not be written; this snapshot was not taken.</exception>
    /// <exception cref="TimeoutException">The queue stayed full for <paramref name="patience"/>; this snapshot was not taken.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled while waiting.</exception>
    public void Enqueue(TrainingSnapshot snapshot, CheckpointFacts facts, TimeSpan patience, CancellationToken abort) =>
        Enqueue(snapshot.Step, folder => folder.Write(snapshot, facts), patience, abort);

    /// <summary>Hands over what makes and writes a checkpoint, where facts or tensors cost time to make. Fails as the other does.</summary>
    /// <param name="step">Of the checkpoint.</param>
    /// <param name="write">Makes and writes the checkpoint, on the writer's thread.</param>
    /// <param name="patience">How long to wait for a place in the queue.</param>
    /// <param name="abort">Ends the wait.</param>
    public void Enqueue(int step, Func<CheckpointFolder, WrittenCheckpoint> write, TimeSpan patience, CancellationToken abort)
    {
        ThrowFailure();
        Count(+1);
        long start = Stopwatch.GetTimestamp();
        bool taken = false;
        try
        {
            taken = _queue.TryAdd(write, (int)patience.TotalMilliseconds, abort);
        }
        finally
        {
            Waited += Stopwatch.GetElapsedTime(start);
            if (!taken)
            {
                Count(-1);
            }
        }

        if (!taken)
        {
            throw new TimeoutException(Overdue($"take the checkpoint of step {step}", patience));
        }
    }

    /// <summary>Returns when everything handed over is durable and reported.</summary>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="TimeoutException">The writer was not done within <paramref name="patience"/>; it goes on.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled while waiting.</exception>
    public void Flush(TimeSpan patience, CancellationToken abort)
    {
        long start = Stopwatch.GetTimestamp();
        bool done = _idle.Wait(patience, abort);
        Waited += Stopwatch.GetElapsedTime(start);
        ThrowFailure();
        if (!done)
        {
            throw new TimeoutException(Overdue("write the checkpoints that are queued", patience));
        }
    }

    /// <summary>Takes no more, writes what is queued, and waits for that at most 30 seconds. Failures are lost here: call <see cref="Flush"/> before.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        if (_thread.Join(DisposePatience))
        {
            _queue.Dispose();
            _idle.Dispose();
        }
    }

    private void Run()
    {
        Guarded(_folder.RemoveUnfinished);
        foreach (Func<CheckpointFolder, WrittenCheckpoint> write in _queue.GetConsumingEnumerable())
        {
            Guarded(() => _written(write(_folder)));
            Count(-1);
        }
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the caller and must not end the process from this thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    private void Count(int change)
    {
        lock (_gate)
        {
            _pending += change;
            if (_pending == 0)
            {
                _idle.Set();
            }
            else
            {
                _idle.Reset();
            }
        }
    }

    private void ThrowFailure()
    {
        ExceptionDispatchInfo? failure;
        lock (_gate)
        {
            (failure, _failure) = (_failure, null);
        }

        failure?.Throw();
    }

    private string Overdue(string what, TimeSpan patience) =>
        $"the checkpoint writer of {_folder.Root} did not {what} within {patience.TotalSeconds:0.#} s: the file system is too slow or stands still";
}
