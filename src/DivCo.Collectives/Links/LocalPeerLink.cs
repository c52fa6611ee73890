namespace DivCo.Collectives.Links;

/// <summary>The way to a peer in the same process: straight into its mailbox, which exists before the peer joins.</summary>
internal sealed class LocalPeerLink : IPeerLink
{
    private readonly Mailbox _peer;
    private readonly int _rank;
    private readonly Quorum _quorum;

    public LocalPeerLink(Quorum quorum, int rank, Mailbox peer)
    {
        _quorum = quorum;
        _rank = rank;
        _peer = peer;
        _peer.Post(_rank, ExchangeMessage.Hello(quorum, rank, peer.Rank));
    }

    public string Name => "local";

    public bool ReadsMemory => false;

    public void Send(ExchangeMessage message) => _peer.Post(_rank, message);

    public Task LeaveAsync(string reason)
    {
        _peer.Post(_rank, ExchangeMessage.Leave(_quorum, reason));
        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }
}
