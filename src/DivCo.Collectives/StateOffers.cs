namespace DivCo.Collectives;

/// <summary>The states that workers of this process offer, one a trial, and the transfers that read them.</summary>
internal sealed class StateOffers
{
    private static readonly TimeSpan _revokeTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private TrialMemory<Entry> _newest = NewMemory(256);
    private int _running;

    /// <summary>How many transfers may run at once.</summary>
    public int MaxTransfers { get; set; } = 4;

    /// <summary>Of how many trials the newest offer is remembered; to be set before the first.</summary>
    public int RememberedTrials
    {
        set => _newest = NewMemory(value);
    }

    /// <summary>How long a receiver may take nothing.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <exception cref="InvalidOperationException">A state was offered for this epoch of the trial, or a later one, before.</exception>
    public IDisposable Offer(string trialId, uint epoch, StateOffer offer)
    {
        var entry = new Entry(this, trialId, epoch, offer);
        lock (_gate)
        {
            if (_newest.Get(trialId) is { } before && before.Epoch >= epoch)
            {
                throw new InvalidOperationException(
                    $"A state for epoch {epoch} of {trialId} cannot be offered: {before.Offer.Source} offered one for epoch {before.Epoch} before.");
            }

            _newest.Set(trialId, entry);
        }

        return entry;
    }

    /// <summary>Begins a transfer, or says why not.</summary>
    public (StateAdmission Admission, string Reason, StateReading? Reading) Open(string trialId, uint epoch, string source, uint? newestJoined)
    {
        lock (_gate)
        {
            var entry = _newest.Get(trialId);
            var (admission, reason) = Decide(trialId, epoch, source, entry, newestJoined);
            if (admission != StateAdmission.Admit)
            {
                return (admission, reason, null);
            }

            _running++;
            return (admission, reason, entry!.Open());
        }
    }

    private static TrialMemory<Entry> NewMemory(int trials) => new(trials, entry => !entry.IsRevoked);

    private (StateAdmission Admission, string Reason) Decide(string trialId, uint epoch, string source, Entry? entry, uint? newestJoined)
    {
        if (entry is not null && entry.Epoch > epoch)
        {
            return (StateAdmission.Stale, $"epoch {epoch} of {trialId} is over: a state for epoch {entry.Epoch} was offered here");
        }

        if (entry is not { } offered || offered.Epoch < epoch)
        {
            return newestJoined >= epoch
                ? (StateAdmission.Stale, $"epoch {epoch} of {trialId} is past its beginning: this process trains in epoch {newestJoined}")
                : (StateAdmission.Unknown, $"no state for epoch {epoch} of {trialId} is offered here yet");
        }

        if (offered.IsRevoked)
        {
            return (StateAdmission.Stale, $"the state for epoch {epoch} of {trialId} is no longer offered");
        }

        if (offered.Offer.Source != source)
        {
            return (StateAdmission.Stale, $"the state for epoch {epoch} of {trialId} is offered by {offered.Offer.Source} here, not by {source}");
        }

        return _running < MaxTransfers
            ? (StateAdmission.Admit, "")
            : (StateAdmission.Busy, $"{MaxTransfers} states are being sent from here already");
    }

    /// <summary>One offer, live until it is disposed of.</summary>
    private sealed class Entry(StateOffers offers, string trialId, uint epoch, StateOffer offer) : IDisposable
    {
        private readonly HashSet<StateReading> _readings = [];

        public uint Epoch => epoch;

        public StateOffer Offer => offer;

        public bool IsRevoked { get; private set; }

        public StateReading Open()
        {
            var reading = new StateReading(offer, offers.StallTimeout, Close);
            _readings.Add(reading);
            reading.Start();
            return reading;
        }

        /// <summary>Returns when nothing reads the state any more.</summary>
        /// <exception cref="TimeoutException">A transfer did not end in time: the state must not be changed.</exception>
        public void Dispose()
        {
            StateReading[] readings;
            lock (offers._gate)
            {
                IsRevoked = true;
                readings = [.. _readings];
            }

            var revoked = new IOException($"{offer.Source} no longer offers its state for epoch {epoch} of {trialId}");
            foreach (var reading in readings)
            {
                reading.Cancel(revoked);
            }

            if (!readings.All(reading => reading.HasLeft(_revokeTimeout)))
            {
                throw new TimeoutException(
                    $"A transfer of the state of {offer.Source} for epoch {epoch} of {trialId} did not end within {_revokeTimeout.TotalSeconds:0.#} s of being told to.");
            }
        }

        private void Close(StateReading reading)
        {
            lock (offers._gate)
            {
                _readings.Remove(reading);
                offers._running--;
            }
        }
    }
}

/// <summary>What becomes of a request for a state.</summary>
internal enum StateAdmission
{
    Admit,

    /// <summary>Not offered yet.</summary>
    Unknown,

    /// <summary>Of an epoch that is over, or offered no more.</summary>
    Stale,

    /// <summary>Too many at once.</summary>
    Busy,
}
