using System.Runtime.ExceptionServices;

namespace DivCo.Training.Determinism;

/// <summary>Threads as devices have them.</summary>
internal static class ProbeThreads
{
    /// <summary>Runs the work on so many threads at once, and waits for all; the first failure is thrown then.</summary>
    public static void Run(int count, Action<int> work)
    {
        var failures = new ExceptionDispatchInfo?[count];
        var threads = Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            try
            {
                TorchRuntime.EnterThread();
                work(index);
            }
            catch (Exception failure)
            {
                failures[index] = ExceptionDispatchInfo.Capture(failure);
            }
        })
        { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        failures.FirstOrDefault(failure => failure is not null)?.Throw();
    }
}
