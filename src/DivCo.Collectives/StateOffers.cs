using System.Collections.Concurrent;

namespace DivCo.Collectives;

/// <summary>The states that this process offers: one for a trial and epoch at a time.</summary>
internal sealed class StateOffers
{
    private readonly ConcurrentDictionary<(string TrialId, uint Epoch), StateOffer> _offers = [];

    public IDisposable Add(string trialId, uint epoch, StateOffer offer)
    {
        _offers[(trialId, epoch)] = offer;
        return new Withdrawal(() => _offers.TryRemove(KeyValuePair.Create((trialId, epoch), offer)));
    }

    /// <summary>Null where nothing is offered for this very epoch.</summary>
    public StateOffer? Find(string trialId, uint epoch) => _offers.GetValueOrDefault((trialId, epoch));

    private sealed class Withdrawal(Action withdraw) : IDisposable
    {
        public void Dispose() => withdraw();
    }
}
