using System.Diagnostics;
using DivCo.Training.Checkpoints;

namespace DivCo.Training;

/// <summary>
/// Where the steps of a trial wait while something that it leaves behind cannot be written, because a disk is full or read-only. Whoever writes
/// closes the gate, tries again and opens it; the training passes it between two steps. For any thread.
/// </summary>
public sealed class OutputGate
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<object, string> _obstacles = [];
    private TaskCompletionSource _open = Opened();
    private int _closures;

    /// <summary>What cannot be written and why, in words; null: the gate is open.</summary>
    public string? Obstacle
    {
        get
        {
            lock (_lock)
            {
                return _obstacles.Values.FirstOrDefault();
            }
        }
    }

    /// <summary>How long to wait before the next attempt.</summary>
    /// <param name="attempts">That have failed so far.</param>
    public static TimeSpan PauseAfter(int attempts) =>
        TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _firstPause.Ticks << Math.Min(attempts - 1, 8)));

    /// <summary>Time that <see cref="Pass"/> took so far, for the training's thread to read.</summary>
    internal TimeSpan Waited { get; private set; }

    /// <param name="writer">Whose obstacle it is; only the same one opens the gate again.</param>
    /// <param name="obstacle">What cannot be written and why, in words.</param>
    public void Close(object writer, string obstacle)
    {
        lock (_lock)
        {
            _closures++;
            _obstacles[writer] = obstacle;
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Open(object writer)
    {
        lock (_lock)
        {
            if (_obstacles.Remove(writer) && _obstacles.Count == 0)
            {
                _open.SetResult();
            }
        }
    }

    /// <summary>Returns when the gate is open. There is no deadline: the obstacle is shown to a person, who may remove it or cancel.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled.</exception>
    public void Pass(CancellationToken abort)
    {
        Task open;
        lock (_lock)
        {
            open = _open.Task;
        }

        var start = Stopwatch.GetTimestamp();
        open.Wait(abort);
        Waited += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Waits for what is being written. A deadline that passes while the gate is closed is not held against the writer.</summary>
    /// <param name="wait">Throws <see cref="TimeoutException"/> when it is overdue, and may be called again.</param>
    public void Patiently(Action wait)
    {
        while (true)
        {
            var before = Closures;
            try
            {
                wait();
                return;
            }
            catch (TimeoutException) when (Obstacle is not null || Closures != before)
            {
                // Wait on.
            }
        }
    }

    /// <summary>Writes, again and again while the file system refuses; the gate is closed meanwhile.</summary>
    /// <param name="write">May be repeated after it failed.</param>
    /// <param name="giveUp">Ends the attempts: the last refusal is thrown.</param>
    internal T Persist<T>(Func<T> write, CancellationToken giveUp)
    {
        var writer = new object();
        try
        {
            for (var attempts = 1; ; attempts++)
            {
                try
                {
                    return write();
                }
                catch (CheckpointException e) when (e.Fault == CheckpointFault.Storage && !giveUp.IsCancellationRequested)
                {
                    Close(writer, $"cannot write {e.File}: {e.InnerException?.Message ?? e.Reason}");
                    giveUp.WaitHandle.WaitOne(PauseAfter(attempts));
                }
            }
        }
        finally
        {
            Open(writer);
        }
    }

    private int Closures
    {
        get
        {
            lock (_lock)
            {
                return _closures;
            }
        }
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
