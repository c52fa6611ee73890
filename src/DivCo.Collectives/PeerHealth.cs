namespace DivCo.Collectives;

/// <summary>What a waiting rank knows of one peer.</summary>
/// <param name="Failure">Why the peer is not to be waited for any more: its stream broke, or it sent what it should not.</param>
/// <param name="Left">Whether it said that it is done.</param>
/// <param name="Due">How many messages of it the running collective still needs.</param>
/// <param name="SinceHeard">Since its last word; null before the first.</param>
/// <param name="SinceJoin">Since this rank joined.</param>
/// <param name="SinceStart">Since the running collective began to wait.</param>
/// <param name="Unread">Whether this rank itself has stopped reading its stream, or it lives in this process: then silence says nothing.</param>
internal readonly record struct PeerSigns(
    string? Failure, bool Left, int Due, TimeSpan? SinceHeard, TimeSpan SinceJoin, TimeSpan SinceStart, bool Unread);

/// <summary>Decides whether a peer is lost.</summary>
internal static class PeerHealth
{
    /// <returns>Why it is lost, or null and how long that holds if nothing new is heard.</returns>
    public static (string? Lost, TimeSpan LookAgainIn) Judge(in PeerSigns peer, ExchangeTimeouts timeouts)
    {
        if (peer.Failure is { } failure)
        {
            return (failure, default);
        }

        if (peer.Left)
        {
            return peer.Due > 0 ? ("it has left the quorum", default) : (null, TimeSpan.MaxValue);
        }

        if (peer.SinceHeard is not { } sinceHeard)
        {
            return Until(timeouts.Join, peer.SinceJoin, "it has not joined within {0:0.###} s");
        }

        var silent = peer.Unread
            ? (null, TimeSpan.MaxValue)
            : Until(timeouts.Peer, sinceHeard, "it has been silent for {0:0.###} s");
        if (silent.Item1 is not null || peer.Due == 0)
        {
            return silent;
        }

        var stuck = Until(timeouts.Operation, peer.SinceStart, "it is alive but has not sent its part within {0:0.###} s");
        return stuck.Item1 is not null || stuck.Item2 < silent.Item2 ? stuck : silent;
    }

    private static (string?, TimeSpan) Until(TimeSpan limit, TimeSpan elapsed, string reason) =>
        elapsed > limit ? (string.Format(reason, limit.TotalSeconds), default) : (null, limit - elapsed);
}
