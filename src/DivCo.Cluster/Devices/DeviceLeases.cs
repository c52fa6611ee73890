namespace DivCo.Cluster.Devices;

/// <summary>Who gets which devices: pure decisions over what is announced, leased and waited for.</summary>
internal static class DeviceLeases
{
    /// <summary>Grants <paramref name="min"/> to <paramref name="max"/> devices of one hardware class to a trial, or none, with the reason.</summary>
    /// <param name="waiting">Trials in the order of their first request, with what they need; the asking one is among them.</param>
    /// <remarks>
    /// First come, first served: a trial is not passed by a later one that wants less, or a wide trial would starve. Only a
    /// request that the whole cluster could not serve is passed. More than <paramref name="min"/> only where nobody waits for it.
    /// </remarks>
    public static LeaseDecision Decide(
        DevicePoolState state, IReadOnlyCollection<Device> announced, IReadOnlyList<Waiter> waiting, string trialId, int min, int max)
    {
        if (state.Leases.TryGetValue(trialId, out var held))
        {
            return new LeaseDecision(held, "already leased");
        }

        var classes = announced.GroupBy(device => device.HardwareClass).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var widest = classes.Count == 0 ? 0 : classes.Max(group => group.Count());
        if (widest < min)
        {
            var quarantined = state.Quarantined.Count == 0 ? "" : $"; not in use: {DeviceQuarantine.Names(state)}";
            return new LeaseDecision(null, $"waits for {min} devices of one hardware class; the cluster has {widest}{quarantined}");
        }

        var ahead = waiting.TakeWhile(waiter => waiter.TrialId != trialId).FirstOrDefault(waiter => waiter.Count <= widest);
        if (ahead is not null)
        {
            return new LeaseDecision(null, $"waits for {min} devices behind {ahead.TrialId}, which asked earlier for {ahead.Count}");
        }

        // An elastic trial takes the class where it gets most; of those that give as much, the one that leaves least unused.
        var wanted = waiting.Any(waiter => waiter.TrialId != trialId && waiter.Count <= widest) ? min : max;
        var free = classes
            .Where(group => DeviceExtensions.Short(state, announced, group.Key) is null)
            .Select(group => Free(state, group))
            .Where(devices => devices.Count >= min)
            .MinBy(devices => (-Math.Min(devices.Count, wanted), devices.Count));
        if (free is null)
        {
            var leased = state.Leases.Values.Sum(lease => lease.Devices.Count);
            var holders = string.Join(", ", state.Leases.Keys.Order(StringComparer.Ordinal));
            return new LeaseDecision(null, $"waits for {min} free devices; {leased} of {announced.Count} are leased to {holders}");
        }

        var chosen = Choose(free, wanted);
        var lease = new Lease(trialId, state.LastToken + 1, chosen) { Min = min };
        return new LeaseDecision(lease, $"leased {string.Join(", ", chosen.Select(device => device.Id))}");
    }

    /// <summary>Those of a hardware class that nobody leases.</summary>
    public static List<Device> Free(DevicePoolState state, IEnumerable<Device> devices)
    {
        var leased = state.Leases.Values.SelectMany(lease => lease.Devices).Select(device => device.Id).ToHashSet();
        return [.. devices.Where(device => !leased.Contains(device.Id))];
    }

    /// <summary>Whole silos first: ranks of one process exchange without a socket. In ordinal order.</summary>
    public static List<Device> Choose(IEnumerable<Device> free, int count) =>
        [.. free
            .GroupBy(device => device.Silo)
            .OrderByDescending(silo => silo.Count())
            .ThenBy(silo => silo.Key, StringComparer.Ordinal)
            .SelectMany(silo => silo.OrderBy(device => device.Id, StringComparer.Ordinal))
            .Take(count)
            .OrderBy(device => device.Id, StringComparer.Ordinal)];

    /// <summary>The state after a grant.</summary>
    public static DevicePoolState Grant(DevicePoolState state, Lease lease) => state with
    {
        LastToken = Math.Max(state.LastToken, lease.Token),
        Leases = new Dictionary<string, Lease>(state.Leases) { [lease.TrialId] = lease },
    };

    /// <summary>The state without a trial's lease, if that is still the one with this token.</summary>
    public static DevicePoolState Release(DevicePoolState state, string trialId, long token)
    {
        var leases = new Dictionary<string, Lease>(state.Leases);
        if (leases.TryGetValue(trialId, out var lease) && lease.IsHeldBy(token))
        {
            leases.Remove(trialId);
        }

        return state with { Leases = leases };
    }

    /// <summary>The state after a trial gave some of its devices back; the lease ends with its last one.</summary>
    public static DevicePoolState Shrink(DevicePoolState state, string trialId, long token, IReadOnlyCollection<string> deviceIds)
    {
        if (!state.Leases.TryGetValue(trialId, out var lease) || !lease.IsHeldBy(token))
        {
            return state;
        }

        List<Device> rest = [.. lease.Devices.Where(device => !deviceIds.Contains(device.Id))];
        return rest.Count == 0 ? Release(state, trialId, token)
            : rest.Count == lease.Devices.Count ? state
            : Grant(state, lease with { Devices = rest });
    }
}

/// <summary>A trial in the queue.</summary>
internal sealed record Waiter(string TrialId, int Count);
