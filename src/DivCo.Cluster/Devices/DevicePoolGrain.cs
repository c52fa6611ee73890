using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Telemetry;

namespace DivCo.Cluster.Devices;

/// <summary>Plumbing around <see cref="DeviceLeases"/>: keeps announcements, queue and expiry, and writes each lease before it is given.</summary>
[KeepAlive]
internal sealed class DevicePoolGrain(
    [PersistentState("device-pool")] IPersistentState<DevicePoolState> state,
    LivingSilos silos,
    TimeProvider time,
    ILogger<DevicePoolGrain> log) : Grain, IDevicePoolGrain
{
    /// <summary>How long a silo, a lease or a place in the queue lasts without being renewed. Measured on this process' monotonic clock.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (IReadOnlyList<Device> Devices, long Heard)> _silos = [];
    private readonly Dictionary<string, long> _renewed = [];
    private readonly List<(Waiter Waiter, long Heard, long Since)> _queue = [];
    private readonly PoolLevels _levels = new();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // A pool that moved cannot know when leases were last renewed: each gets a full period from now.
        foreach (var trialId in state.State.Leases.Keys)
        {
            _renewed[trialId] = time.GetTimestamp();
        }

        // Nor has it heard of any silo yet: those that hold leased devices are taken at their last word until they repeat it, or the survivors of a
        // trial would be lost to it together with the process that held the pool.
        foreach (var silo in state.State.Leases.Values.SelectMany(lease => lease.Devices).GroupBy(device => device.Silo))
        {
            _silos[silo.Key] = ([.. silo], time.GetTimestamp());
        }

        this.RegisterGrainTimer(Expire, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _levels.Set([], state.State, 0);
        return Task.CompletedTask;
    }

    public Task Announce(string silo, IReadOnlyList<Device> devices)
    {
        _silos[silo] = (devices, time.GetTimestamp());
        return Task.CompletedTask;
    }

    public Task Withdraw(string silo)
    {
        _silos.Remove(silo);
        return Task.CompletedTask;
    }

    public async Task<LeaseDecision> Acquire(string trialId, int min, int max)
    {
        var place = _queue.FindIndex(entry => entry.Waiter.TrialId == trialId);
        if (place < 0)
        {
            _queue.Add((new Waiter(trialId, min), time.GetTimestamp(), time.GetTimestamp()));
        }
        else
        {
            _queue[place] = (new Waiter(trialId, min), time.GetTimestamp(), _queue[place].Since);
        }

        var decision = DeviceLeases.Decide(state.State, Usable(), Waiting(), trialId, min, max);
        if (decision.Lease is not { } lease)
        {
            return decision;
        }

        if (!state.State.Leases.ContainsKey(trialId))
        {
            await Write(DeviceLeases.Grant(state.State, lease));
            log.LogInformation("{Trial}: {Reason}", trialId, decision.Reason);
            ClusterTelemetry.LeaseChanged("granted");
            ClusterTelemetry.LeaseWaited(time.GetElapsedTime(_queue.First(entry => entry.Waiter.TrialId == trialId).Since));
        }

        _renewed[trialId] = time.GetTimestamp();
        _queue.RemoveAll(entry => entry.Waiter.TrialId == trialId);
        return decision;
    }

    public Task<bool> Renew(string trialId, long token)
    {
        var valid = state.State.Leases.TryGetValue(trialId, out var lease) && lease.IsHeldBy(token);
        if (valid)
        {
            _renewed[trialId] = time.GetTimestamp();
        }

        return Task.FromResult(valid);
    }

    public async Task Release(string trialId, long token)
    {
        _queue.RemoveAll(entry => entry.Waiter.TrialId == trialId);
        await End(trialId, token, "ended");
    }

    public async Task<LeaseExtension> Extend(string trialId, long token, int max)
    {
        if (!await Renew(trialId, token))
        {
            return new LeaseExtension(null, [], false, "the lease is over");
        }

        var decision = DeviceExtensions.Decide(state.State, Usable(), Waiting(), trialId, token, max);
        if (decision.Lease is { } lease && lease != state.State.Leases[trialId])
        {
            await Write(DeviceLeases.Grant(state.State, lease));
            log.LogInformation("{Trial}: {Reason}", trialId, decision.Reason);
            ClusterTelemetry.LeaseChanged("grown");
        }

        return decision;
    }

    public async Task Shrink(string trialId, long token, IReadOnlyList<string> deviceIds)
    {
        var next = DeviceLeases.Shrink(state.State, trialId, token, deviceIds);
        if (!ReferenceEquals(next, state.State))
        {
            await Write(next);
            log.LogInformation("{Trial} gives {Devices} back", trialId, string.Join(", ", deviceIds));
        }
    }

    public async Task Quarantine(Quarantine quarantine)
    {
        var next = DeviceQuarantine.Take(state.State, quarantine);
        if (!ReferenceEquals(next, state.State))
        {
            await Write(next);
            log.LogError("{Device} is in quarantine: {Trial}: {Evidence}", quarantine.DeviceId, quarantine.TrialId, quarantine.Evidence);
        }
    }

    public async Task<bool> Clear(string deviceId)
    {
        var next = DeviceQuarantine.Clear(state.State, deviceId);
        if (ReferenceEquals(next, state.State))
        {
            return false;
        }

        await Write(next);
        log.LogWarning("{Device} was cleared: it may be leased again", deviceId);
        return true;
    }

    public Task<IReadOnlyList<DeviceUse>> List()
    {
        var users = state.State.Leases.Values.SelectMany(lease => lease.Devices.Select(device => (device.Id, lease.TrialId))).ToDictionary();
        return Task.FromResult<IReadOnlyList<DeviceUse>>(
            [.. Announced().OrderBy(device => device.Id, StringComparer.Ordinal).Select(device =>
                new DeviceUse(device, users.GetValueOrDefault(device.Id), state.State.Quarantined.GetValueOrDefault(device.Id)))]);
    }

    public Task<string> Version() => Task.FromResult(Product.Version);

    private List<Waiter> Waiting() => [.. _queue.Select(entry => entry.Waiter)];

    /// <summary>What living silos announced; membership knows of a killed one long before its silence is noticed.</summary>
    private List<Device> Announced() => [.. _silos.Where(entry => silos.Has(entry.Key)).SelectMany(entry => entry.Value.Devices)];

    private List<Device> Usable() => DeviceQuarantine.Usable(state.State, Announced());

    private async Task Expire(CancellationToken cancellationToken)
    {
        foreach (var (silo, _) in _silos.Where(entry => Overdue(entry.Value.Heard)).ToList())
        {
            log.LogWarning("Silo {Silo} was not heard of for {Patience}: its devices are no longer offered", silo, Patience);
            _silos.Remove(silo);
        }

        _queue.RemoveAll(entry => Overdue(entry.Heard));
        foreach (var lease in state.State.Leases.Values.Where(lease => Overdue(_renewed.GetValueOrDefault(lease.TrialId))).ToList())
        {
            log.LogWarning("The lease of {Trial} was not renewed for {Patience}: its devices are free again", lease.TrialId, Patience);
            await End(lease.TrialId, lease.Token, "expired");
        }

        _levels.Set(Announced(), state.State, _queue.Count);
    }

    private async Task End(string trialId, long token, string change)
    {
        if (state.State.Leases.TryGetValue(trialId, out var lease) && lease.IsHeldBy(token))
        {
            await Write(DeviceLeases.Release(state.State, trialId, token));
            _renewed.Remove(trialId);
            ClusterTelemetry.LeaseChanged(change);
        }
    }

    private bool Overdue(long heard) => time.GetElapsedTime(heard) > Patience;

    private async Task Write(DevicePoolState next)
    {
        var before = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What was not written did not happen.
            state.State = before;
            throw;
        }
    }
}
