using DivCo.Cli.Connection;
using DivCo.Protocol.V1;
using Microsoft.Extensions.Time.Testing;

namespace DivCo.Cli.Tests;

public sealed class SweepFollowerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Silence_is_counted_from_the_first_failure_on_however_rare_news_were()
    {
        await using var cluster = await CannedCluster.StartAsync();
        await using var sweeps = new SweepFollower("demo", () => [cluster.Address], Credentials.None, _patience, _time)
            .FollowAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await sweeps.MoveNextAsync());

        for (var step = 101; step <= 103; step++)
        {
            // The stream breaks after hours without news, and there is none either from the next server until later.
            var next = sweeps.MoveNextAsync();
            _time.Advance(TimeSpan.FromHours(1));
            var watches = cluster.Calls.Count;
            cluster.Break();
            while (cluster.Calls.Count == watches && !next.IsCompleted)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            cluster.Change(sweep => CannedCluster.With(sweep, State.Running, step));
            Assert.True(await next);
            Assert.Equal(step, sweeps.Current.Status.Trials[0].Step);
        }
    }

    [Fact]
    public async Task It_gives_up_where_nobody_answers_for_longer_than_its_patience()
    {
        _time.AutoAdvanceAmount = _patience;
        var follower = new SweepFollower("demo", () => [], Credentials.None, _patience, _time);
        var failure = await Assert.ThrowsAsync<CommandException>(async () => await follower.FollowAsync(TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ExitCode.Unreachable, failure.Code);
    }
}
