using DivCo.Cluster.Hosting.Telemetry;

namespace DivCo.Cluster.Devices;

/// <summary>What the pool has of devices and waiting trials, for whoever measures.</summary>
internal sealed class PoolLevels
{
    private readonly Level _free = new(ClusterTelemetry.Devices, "free");
    private readonly Level _leased = new(ClusterTelemetry.Devices, "leased");
    private readonly Level _quarantined = new(ClusterTelemetry.Devices, "quarantined");
    private readonly Level _waiting = new(ClusterTelemetry.Waiting);

    public void Set(IReadOnlyCollection<Device> announced, DevicePoolState state, int waiting)
    {
        var leased = state.Leases.Values.SelectMany(lease => lease.Devices).Select(device => device.Id).ToHashSet();
        var quarantined = announced.Count(device => state.Quarantined.ContainsKey(device.Id));
        var used = announced.Count(device => leased.Contains(device.Id) && !state.Quarantined.ContainsKey(device.Id));
        _quarantined.Set(quarantined);
        _leased.Set(used);
        _free.Set(announced.Count - quarantined - used);
        _waiting.Set(waiting);
    }
}
