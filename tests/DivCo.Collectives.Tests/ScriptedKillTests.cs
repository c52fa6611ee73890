namespace DivCo.Collectives.Tests;

public sealed class ScriptedKillTests
{
    private const int Length = 20_000;

    /// <summary>The collectives of two updates: statistics, rows, and two buckets of gradients.</summary>
    private static readonly Operation[] _operations = [new(6, 2), new(7, 0), new(7, 1), new(7, 2), new(7, 3), new(8, 2)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("before_send")]
    [InlineData("after_first_chunk")]
    public void It_ends_one_rank_in_the_gradients_of_one_update(string phase)
    {
        // What a process that is ended can no longer do is thrown over here.
        var kill = ScriptedKill.Parse($"device=silo/cpu001,update=7,phase={phase}");
        kill.End = () => throw new EndOfStreamException();
        var hub = new ExchangeHub { Kill = kill };
        var leaves = Leaves.Draw(4, Length, seed: 1);
        var ended = Ranks.Run(3, rank =>
        {
            using var communicator = hub.Join(Ranks.LocalQuorum(3), rank, ExchangeTimeouts.Default, Cancellation);
            foreach (var operation in _operations)
            {
                try
                {
                    communicator.AllReduce(operation, leaves, Length);
                }
                catch (EndOfStreamException)
                {
                    return (operation, "ended");
                }
                catch (PeerLostException lost)
                {
                    return (operation, lost.Member);
                }
            }

            return default;
        });
        Assert.Equal((new Operation(7, 2), "ended"), ended[1]);
        Assert.All([ended[0], ended[2]], other => Assert.StartsWith("silo/", other.Item2, StringComparison.Ordinal));
    }

    [Fact]
    public void After_a_commit_it_ends_only_the_device_that_is_named()
    {
        var ends = 0;
        var kill = ScriptedKill.Parse("device=silo/cpu001,update=7,phase=after_commit");
        kill.End = () => ends++;
        var hub = new ExchangeHub();
        using var other = hub.Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, Cancellation);
        using var named = hub.Join(Ranks.LocalQuorum(2), 1, ExchangeTimeouts.Default, Cancellation);
        kill.Reach(other, 7, KillPhase.AfterCommit);
        kill.Reach(named, 6, KillPhase.AfterCommit);
        kill.Reach(named, 7, KillPhase.BeforeSend);
        Assert.Equal(0, ends);
        kill.Reach(named, 7, KillPhase.AfterCommit);
        Assert.Equal(1, ends);
    }

    [Theory]
    [InlineData("")]
    [InlineData("device=a,update=1")]
    [InlineData("device=a,update=1,phase=now")]
    [InlineData("device=a,update=-1,phase=before_send")]
    [InlineData("device=a,update=1,phase=before_send,phase=after_commit")]
    [InlineData("device=a,update=1,phase=before_send,times=2")]
    public void Anything_else_is_refused(string text)
    {
        var error = Assert.Throws<FormatException>(() => ScriptedKill.Parse(text));
        Assert.Contains("DIVCO_FAULT_KILL", error.Message);
        Assert.Contains("phase=<before_send|after_first_chunk|after_commit>", error.Message);
    }
}
