using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

public sealed class OverlapTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Both_are_at_work_at_the_same_time_and_done_at_the_end()
    {
        using var exchanging = new ManualResetEventSlim();
        using var computing = new ManualResetEventSlim();
        var overlap = new Overlap();
        var (here, there) = (Environment.CurrentManagedThreadId, 0);
        overlap.Run(
            () =>
            {
                there = Environment.CurrentManagedThreadId;
                exchanging.Set();
                Assert.True(computing.Wait(_patience, TestContext.Current.CancellationToken));
            },
            [
                () =>
                {
                    Assert.Equal(here, Environment.CurrentManagedThreadId);
                    Assert.True(exchanging.Wait(_patience, TestContext.Current.CancellationToken));
                    computing.Set();
                },
            ]);
        Assert.NotEqual(here, there);
        Assert.True(overlap.Hidden > TimeSpan.Zero);
    }

    [Fact]
    public void Without_work_there_is_no_other_thread()
    {
        var (here, there) = (Environment.CurrentManagedThreadId, 0);
        new Overlap().Run(() => there = Environment.CurrentManagedThreadId, []);
        Assert.Equal(here, there);
    }

    [Fact]
    public void A_failed_exchange_is_told_as_it_is_once_the_piece_under_way_is_done()
    {
        using var working = new ManualResetEventSlim();
        using var failing = new ManualResetEventSlim();
        var lost = new PeerLost();
        var done = false;
        var overlap = new Overlap();
        Assert.Same(lost, Assert.Throws<PeerLost>(() => overlap.Run(
            () =>
            {
                Assert.True(working.Wait(_patience, TestContext.Current.CancellationToken));
                failing.Set();
                throw lost;
            },
            [
                () =>
                {
                    working.Set();
                    Assert.True(failing.Wait(_patience, TestContext.Current.CancellationToken));
                    done = true;
                },
            ])));
        Assert.Equal((true, TimeSpan.Zero), (done, overlap.Hidden));
    }

    [Fact]
    public void Failed_work_is_told_once_the_exchange_has_ended()
    {
        using var ending = new ManualResetEventSlim();
        var ended = false;
        Assert.Throws<TimeoutException>(() => new Overlap().Run(
            () =>
            {
                Assert.True(ending.Wait(_patience, TestContext.Current.CancellationToken));
                ended = true;
            },
            [
                () =>
                {
                    ending.Set();
                    throw new TimeoutException();
                },
            ]));
        Assert.True(ended);
    }

    /// <summary>In the discriminator's update the second rank of the first two grids has no shard with queries; its negatives are generated meanwhile.</summary>
    [Theory]
    [InlineData(2, ActivationMemory.AllShards, true)]
    [InlineData(2, ActivationMemory.OneShard, true)]
    [InlineData(4, ActivationMemory.AllShards, true)]
    [InlineData(4, ActivationMemory.OneShard, false)]
    public void Negatives_are_generated_while_the_sums_of_the_discriminator_are_on_the_way(int negativeShards, ActivationMemory memory, bool expected)
    {
        using var folder = new TrainingFolder();
        var config = TestTrials.Config(1, negativeShards, Norm.None);
        var hidden = Ranks.Run(2, communicator =>
        {
            using var replica = folder.Replica(config);
            var task = replica.State.Task;
            task.Begin(0);
            var runner = new ShardRunner(task, task.Updates[0], communicator, memory);
            _ = runner.Run(0, stop: false);
            return runner.HiddenExchange;
        });
        Assert.Equal(expected, hidden[1] > TimeSpan.Zero);
        Assert.Equal(expected && negativeShards == 4, hidden[0] > TimeSpan.Zero);
    }

    private sealed class PeerLost : Exception;
}
