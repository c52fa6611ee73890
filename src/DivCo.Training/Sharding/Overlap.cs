using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace DivCo.Training.Sharding;

/// <summary>Collectives on a thread of their own, while the device's thread computes on: what a step waits for then is the longer of both.</summary>
internal sealed class Overlap
{
    /// <summary>Time during which both were at work.</summary>
    public TimeSpan Hidden { get; private set; }

    /// <summary>Returns when both are done.</summary>
    /// <param name="exchange">Collectives; touches no tensor, because kernels belong to the device's thread.</param>
    /// <param name="work">Pieces of what is computed meanwhile, here; none is begun once the exchange has failed. None at all: no thread is needed.</param>
    /// <remarks>Exceptions of both come through as they are; if both fail, that of the work.</remarks>
    public void Run(Action exchange, IReadOnlyList<Action> work)
    {
        if (work.Count == 0)
        {
            exchange();
            return;
        }

        var began = Stopwatch.GetTimestamp();
        var exchanged = TimeSpan.Zero;
        using var running = Task.Factory.StartNew(
            () =>
            {
                exchange();
                exchanged = Stopwatch.GetElapsedTime(began);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var worked = TimeSpan.Zero;
        try
        {
            foreach (var piece in work)
            {
                if (running.IsFaulted)
                {
                    break;
                }

                piece();
            }

            worked = Stopwatch.GetElapsedTime(began);
        }
        finally
        {
            // The communicator is this thread's again only then. The exchange has deadlines and a cancellation of its own.
            _ = Task.WaitAny(running);
        }

        if (running.Exception is { InnerException: { } failure })
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        Hidden += exchanged < worked ? exchanged : worked;
    }
}
