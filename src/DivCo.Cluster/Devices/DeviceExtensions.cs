namespace DivCo.Cluster.Devices;

/// <summary>How a lease changes while it is held: pure decisions.</summary>
internal static class DeviceExtensions
{
    /// <summary>
    /// What a holder has now. A lease below its minimum is made whole before anybody else is served, the oldest first; one at its minimum
    /// grows up to <paramref name="max"/> by devices of its hardware class for which no trial waits that could ever use them.
    /// </summary>
    /// <param name="waiting">Trials without a lease, in the order of their first request.</param>
    public static LeaseExtension Decide(
        DevicePoolState state, IReadOnlyCollection<Device> announced, IReadOnlyList<Waiter> waiting, string trialId, long token, int max)
    {
        if (!state.Leases.TryGetValue(trialId, out var held) || !held.IsHeldBy(token))
        {
            return new LeaseExtension(null, [], false, "the lease is over");
        }

        // A silo that came back is announced as another process with the same devices.
        var present = announced.ToDictionary(device => device.Id);
        List<string> lost = [.. held.Devices.Where(device => !present.ContainsKey(device.Id)).Select(device => device.Id)];
        List<Device> devices = [.. held.Devices.Select(device => present.GetValueOrDefault(device.Id, device))];
        var lease = devices.SequenceEqual(held.Devices) ? held : held with { Devices = devices };
        var hardware = devices[0].HardwareClass;
        var all = announced.Where(device => device.HardwareClass == hardware).ToList();
        var free = DeviceLeases.Free(state, all);
        var waiter = waiting.FirstOrDefault(other => other.TrialId != trialId && other.Count <= all.Count);
        var older = Short(state, announced, hardware) is { } first && first.TrialId != trialId ? first : null;

        if (lease.IsShort)
        {
            var needed = lease.Min - devices.Count;
            if (older is null && free.Count >= needed)
            {
                return Grown(state, lease, lost, free, needed);
            }

            // Two trials that each hold a part of what they need would wait for each other for ever.
            var hopeless = all.Count < lease.Min && (waiter is not null || older is not null);
            var quarantined = state.Quarantined.Count == 0 ? "" : $"; {DeviceQuarantine.Names(state)}";
            return older is not null || hopeless
                ? new LeaseExtension(lease, lost, true, $"gives its devices up: {needed} more are needed, and {older?.TrialId ?? waiter!.TrialId} can use these")
                : new LeaseExtension(lease, lost, false, $"waits for {needed} more devices; {free.Count} of {all.Count} are free{quarantined}");
        }

        var offered = Math.Min(max - devices.Count, free.Count);
        return offered <= 0 ? new LeaseExtension(lease, lost, false, "keeps its devices")
            : waiter is not null ? new LeaseExtension(lease, lost, false, $"keeps its devices; free ones are for {waiter.TrialId}, which waits")
            : older is not null ? new LeaseExtension(lease, lost, false, $"keeps its devices; free ones are for {older.TrialId}, which lost some")
            : Grown(state, lease, lost, free, offered);
    }

    /// <summary>The oldest lease of a hardware class that is below its minimum and that the cluster could make whole.</summary>
    public static Lease? Short(DevicePoolState state, IReadOnlyCollection<Device> announced, string hardwareClass)
    {
        var size = announced.Count(device => device.HardwareClass == hardwareClass);
        return state.Leases.Values
            .Where(lease => lease.IsShort && lease.Min <= size && lease.Devices[0].HardwareClass == hardwareClass)
            .MinBy(lease => lease.First);
    }

    private static LeaseExtension Grown(DevicePoolState state, Lease lease, List<string> lost, List<Device> free, int count)
    {
        var added = DeviceLeases.Choose(free, count);
        var grown = lease with
        {
            Token = state.LastToken + 1,
            Devices = [.. lease.Devices.Concat(added).OrderBy(device => device.Id, StringComparer.Ordinal)],
        };
        return new LeaseExtension(grown, lost, false, $"leased {string.Join(", ", added.Select(device => device.Id))} in addition");
    }
}
