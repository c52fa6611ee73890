namespace DivCo.Cluster.Devices;

/// <summary>Who gets which devices: pure decisions over what is announced, leased and waited for.</summary>
internal static class DeviceLeases
{
    /// <summary>Grants <paramref name="count"/> devices of one hardware class to a trial, or none, with the reason.</summary>
    /// <param name="waiting">Trials in the order of their first request, with what they want; the asking one is among them.</param>
    /// <remarks>
    /// First come, first served: a trial is not passed by a later one that wants less, or a wide trial would starve. Only a
    /// request that the whole cluster could not serve is passed.
    /// </remarks>
    public static LeaseDecision Decide(
        DevicePoolState state, IReadOnlyCollection<Device> announced, IReadOnlyList<Waiter> waiting, string trialId, int count)
    {
        if (state.Leases.TryGetValue(trialId, out var held))
        {
            return new LeaseDecision(held, "already leased");
        }

        var leased = state.Leases.Values.SelectMany(lease => lease.Devices).Select(device => device.Id).ToHashSet();
        var classes = announced.GroupBy(device => device.HardwareClass).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var widest = classes.Count == 0 ? 0 : classes.Max(group => group.Count());
        if (widest < count)
        {
            return new LeaseDecision(null, $"waits for {count} devices of one hardware class; the cluster has {widest}");
        }

        var ahead = waiting.TakeWhile(waiter => waiter.TrialId != trialId).FirstOrDefault(waiter => waiter.Count <= widest);
        if (ahead is not null)
        {
            return new LeaseDecision(null, $"waits for {count} devices behind {ahead.TrialId}, which asked earlier for {ahead.Count}");
        }

        var free = classes
            .Select(group => group.Where(device => !leased.Contains(device.Id)).ToList())
            .Where(devices => devices.Count >= count)
            .MinBy(devices => devices.Count);
        if (free is null)
        {
            var holders = string.Join(", ", state.Leases.Keys.Order(StringComparer.Ordinal));
            return new LeaseDecision(null, $"waits for {count} free devices; {leased.Count} of {announced.Count} are leased to {holders}");
        }

        // Whole silos first: ranks of one process exchange without a socket.
        var chosen = free
            .GroupBy(device => device.Silo)
            .OrderByDescending(silo => silo.Count())
            .ThenBy(silo => silo.Key, StringComparer.Ordinal)
            .SelectMany(silo => silo.OrderBy(device => device.Id, StringComparer.Ordinal))
            .Take(count)
            .OrderBy(device => device.Id, StringComparer.Ordinal)
            .ToList();
        return new LeaseDecision(new Lease(trialId, state.LastToken + 1, chosen), $"leased {string.Join(", ", chosen.Select(device => device.Id))}");
    }

    /// <summary>The state after a grant.</summary>
    public static DevicePoolState Grant(DevicePoolState state, Lease lease) => new()
    {
        LastToken = Math.Max(state.LastToken, lease.Token),
        Leases = new Dictionary<string, Lease>(state.Leases) { [lease.TrialId] = lease },
    };

    /// <summary>The state without a trial's lease, if that is still the one with this token.</summary>
    public static DevicePoolState Release(DevicePoolState state, string trialId, long token)
    {
        var leases = new Dictionary<string, Lease>(state.Leases);
        if (leases.TryGetValue(trialId, out var lease) && lease.Token == token)
        {
            leases.Remove(trialId);
        }

        return new DevicePoolState { LastToken = state.LastToken, Leases = leases };
    }
}

/// <summary>A trial in the queue.</summary>
internal sealed record Waiter(string TrialId, int Count);
