namespace DivCo.Cluster.Devices;

/// <summary>Devices that are kept from all trials: pure decisions.</summary>
internal static class DeviceQuarantine
{
    /// <summary>Takes a device from whoever leases it, and from all who ask later. Said again, it changes nothing: the first evidence stays.</summary>
    public static DevicePoolState Take(DevicePoolState state, Quarantine quarantine)
    {
        if (state.Quarantined.ContainsKey(quarantine.DeviceId))
        {
            return state;
        }

        var holder = state.Leases.Values.FirstOrDefault(lease => lease.Devices.Any(device => device.Id == quarantine.DeviceId));
        var rest = holder is null ? state : DeviceLeases.Shrink(state, holder.TrialId, holder.Token, [quarantine.DeviceId]);
        return rest with
        {
            Quarantined = new Dictionary<string, Quarantine>(state.Quarantined) { [quarantine.DeviceId] = quarantine },
        };
    }

    /// <summary>A person has cleared the device; the state itself where it was not in quarantine.</summary>
    public static DevicePoolState Clear(DevicePoolState state, string deviceId)
    {
        var quarantined = new Dictionary<string, Quarantine>(state.Quarantined);
        return quarantined.Remove(deviceId) ? state with { Quarantined = quarantined } : state;
    }

    /// <summary>Those that may be leased.</summary>
    public static List<Device> Usable(DevicePoolState state, IEnumerable<Device> devices) =>
        [.. devices.Where(device => !state.Quarantined.ContainsKey(device.Id))];

    /// <summary>For people.</summary>
    public static string Names(DevicePoolState state) =>
        $"{string.Join(", ", state.Quarantined.Keys.Order(StringComparer.Ordinal))} in quarantine";
}
