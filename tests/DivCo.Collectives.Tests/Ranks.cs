using System.Runtime.ExceptionServices;

namespace DivCo.Collectives.Tests;

/// <summary>Runs the ranks of one quorum, each on a thread of its own as a device does, and hands back what each returned.</summary>
internal static class Ranks
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static readonly Uri Here = new("http://127.0.0.1:1/");

    /// <summary>A quorum whose ranks are all in one process.</summary>
    public static Quorum LocalQuorum(int size, uint epoch = 1, string trialId = "sweep/0") =>
        new(trialId, epoch, [.. Enumerable.Range(0, size).Select(r => $"silo/cpu{r:D3}")], [.. Enumerable.Repeat(Here, size)]);

    public static T[] RunLocally<T>(int size, Func<Communicator, T> rankBody)
    {
        var hub = new ExchangeHub();
        var quorum = LocalQuorum(size);
        return Run(size, rank =>
        {
            using var communicator = hub.Join(quorum, rank, ExchangeTimeouts.Default, TestContext.Current.CancellationToken);
            return rankBody(communicator);
        });
    }

    public static T[] Run<T>(int size, Func<int, T> rankBody)
    {
        var results = new T[size];
        var errors = new ExceptionDispatchInfo?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = rankBody(rank);
            }
            catch (Exception exception)
            {
                errors[rank] = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true, Name = $"rank {rank}" }).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        for (var rank = 0; rank < size; rank++)
        {
            Assert.True(threads[rank].Join(Deadline), $"Rank {rank} of {size} did not finish within {Deadline.TotalSeconds} s.");
        }

        foreach (var error in errors)
        {
            error?.Throw();
        }

        return results;
    }

    /// <summary>One all-reduce of this rank's part of the leaves; null leaves are absent.</summary>
    public static float[] AllReduce(this Communicator communicator, Operation operation, float[]?[] leaves, int length)
    {
        var stack = new ShardStack<float>(length);
        var range = ShardRanges.Of(leaves.Length, communicator.Size, communicator.Rank);
        for (var shard = range.Start; shard < range.End; shard++)
        {
            if (leaves[shard] is { } leaf)
            {
                var buffer = stack.Rent();
                leaf.CopyTo(buffer, 0);
                stack.Push(shard, buffer);
            }
            else
            {
                stack.PushAbsent(shard);
            }
        }

        var result = new float[length];
        communicator.AllReduce(operation, stack, leaves.Length, result);
        return result;
    }
}
