using System.Runtime.ExceptionServices;
using DivCo.Collectives;

namespace DivCo.Training.Tests;

/// <summary>Runs the ranks of one quorum on threads of this process, as devices of one silo do.</summary>
internal static class Ranks
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public static T[] Run<T>(int workers, Func<Communicator, T> rank, ExchangeHub? hub = null, uint epoch = 1) => Run(
        [.. Enumerable.Range(0, workers).Select(i => $"test/cpu{i}")], epoch, _ => TestContext.Current.CancellationToken, rank, hub);

    /// <param name="members">Device ids in ordinal order.</param>
    /// <param name="abort">Of each rank.</param>
    /// <param name="hub">One exchange through several quorums, or one with a fault; null: one for this quorum.</param>
    public static T[] Run<T>(string[] members, uint epoch, Func<int, CancellationToken> abort, Func<Communicator, T> rank, ExchangeHub? hub = null)
    {
        var address = new Uri("http://127.0.0.1:1");
        var workers = members.Length;
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
        // The others lost the rank that failed first.
        failures.OfType<ExceptionDispatchInfo>().OrderBy(failure => failure.SourceException is PeerLostException).FirstOrDefault()?.Throw();
        return results;

        void RunOne(int i)
        {
            try
            {
                using var communicator = hub.Join(quorum, i, ExchangeTimeouts.Default, abort(i));
                results[i] = rank(communicator);
            }
            catch (Exception e)
            {
                failures[i] = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
