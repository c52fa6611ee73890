using System.Runtime.ExceptionServices;
using DivCo.Collectives;

namespace DivCo.Training.Tests;

/// <summary>Runs the ranks of one quorum on threads of this process, as devices of one silo do.</summary>
internal static class Ranks
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <param name="hub">What faults go in, or one exchange through several quorums; null: one without.</param>
    public static T[] Run<T>(int workers, Func<Communicator, T> rank, ExchangeHub? hub = null, uint epoch = 1)
    {
        var address = new Uri("http://127.0.0.1:1");
        var members = Enumerable.Range(0, workers).Select(i => $"test/cpu{i}").ToArray();
        var quorum = new Quorum("test/0", epoch, members, [.. members.Select(_ => address)]);
        hub ??= new ExchangeHub();
        var results = new T[workers];
        var failures = new ExceptionDispatchInfo?[workers];
        var threads = Enumerable.Range(0, workers).Select(i => new Thread(() => RunOne(i)) { IsBackground = true }).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        Assert.All(threads, thread => Assert.True(thread.Join(Deadline), "a rank did not end in time"));
        failures.FirstOrDefault(failure => failure is not null)?.Throw();
        return results;

        void RunOne(int i)
        {
            try
            {
                using var communicator = hub.Join(quorum, i, ExchangeTimeouts.Default, TestContext.Current.CancellationToken);
                results[i] = rank(communicator);
            }
            catch (Exception e)
            {
                failures[i] = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
