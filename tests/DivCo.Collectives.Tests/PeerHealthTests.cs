namespace DivCo.Collectives.Tests;

public sealed class PeerHealthTests
{
    private static readonly ExchangeTimeouts Timeouts = new()
    {
        Peer = TimeSpan.FromSeconds(5),
        Join = TimeSpan.FromSeconds(60),
        Operation = TimeSpan.FromSeconds(600),
    };

    private static readonly PeerSigns Well = new(
        Failure: null, Left: false, Due: 1, SinceHeard: TimeSpan.FromSeconds(1), SinceJoin: TimeSpan.FromSeconds(100), SinceStart: TimeSpan.FromSeconds(10), Unread: false);

    [Fact]
    public void A_peer_that_was_heard_is_waited_for_until_it_is_silent_too_long() =>
        Assert.Equal((null, TimeSpan.FromSeconds(4)), PeerHealth.Judge(Well, Timeouts));

    [Fact]
    public void Silence_is_loss() => AssertLost("silent for 5 s", Well with { SinceHeard = TimeSpan.FromSeconds(5.1) });

    [Fact]
    public void Silence_is_loss_even_where_nothing_is_due() => AssertLost("silent for 5 s", Well with { SinceHeard = TimeSpan.FromSeconds(5.1), Due = 0 });

    [Fact]
    public void A_stream_that_this_rank_does_not_read_cannot_be_silent() =>
        Assert.Null(PeerHealth.Judge(Well with { SinceHeard = TimeSpan.FromSeconds(50), Unread = true }, Timeouts).Lost);

    [Fact]
    public void Before_its_first_word_a_peer_has_the_time_to_join()
    {
        Assert.Equal(
            (null, TimeSpan.FromSeconds(20)), PeerHealth.Judge(Well with { SinceHeard = null, SinceJoin = TimeSpan.FromSeconds(40) }, Timeouts));
        AssertLost("not joined within 60 s", Well with { SinceHeard = null, SinceJoin = TimeSpan.FromSeconds(61) });
    }

    [Fact]
    public void A_peer_that_left_is_lost_only_to_those_it_owes()
    {
        AssertLost("left the quorum", Well with { Left = true });
        Assert.Null(PeerHealth.Judge(Well with { Left = true, Due = 0, SinceHeard = TimeSpan.FromSeconds(50) }, Timeouts).Lost);
    }

    [Fact]
    public void A_failure_is_loss_at_once() => AssertLost("its stream broke", Well with { Failure = "its stream broke", Due = 0 });

    [Fact]
    public void Being_alive_is_not_enough_forever()
    {
        AssertLost("alive but", Well with { SinceStart = TimeSpan.FromSeconds(601) });
        AssertLost("alive but", Well with { SinceStart = TimeSpan.FromSeconds(601), Unread = true });
        Assert.Null(PeerHealth.Judge(Well with { SinceStart = TimeSpan.FromSeconds(601), Due = 0 }, Timeouts).Lost);
    }

    private static void AssertLost(string reason, PeerSigns signs) => Assert.Contains(reason, PeerHealth.Judge(signs, Timeouts).Lost);
}
