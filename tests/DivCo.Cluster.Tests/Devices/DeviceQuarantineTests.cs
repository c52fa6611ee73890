using System.Text.Json;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;

namespace DivCo.Cluster.Tests.Devices;

public sealed class DeviceQuarantineTests
{
    private static readonly Device[] _devices = [Of("a", 0), Of("a", 1), Of("b", 0)];
    private static readonly Quarantine _verdict = new("a/cpu1", "t/0", 7, 3, "a/cpu1 is outvoted, 2 to 1", DateTimeOffset.UnixEpoch);
    private static readonly DevicePoolState _leased = DeviceLeases.Grant(new DevicePoolState(), new Lease("t/0", 1, _devices));

    [Fact]
    public void The_device_is_taken_from_whoever_leases_it_and_offered_to_nobody()
    {
        var state = DeviceQuarantine.Take(_leased, _verdict);
        Assert.Equal(["a/cpu0", "b/cpu0"], state.Leases["t/0"].Devices.Select(device => device.Id));
        Assert.True(state.Leases["t/0"].IsShort);
        Assert.Equal(["a/cpu0", "b/cpu0"], DeviceQuarantine.Usable(state, _devices).Select(device => device.Id));

        var decision = DeviceExtensions.Decide(state, DeviceQuarantine.Usable(state, _devices), [], "t/0", 1, 3);
        Assert.Equal((2, false), (decision.Lease!.Devices.Count, decision.Yield));
        Assert.Contains("waits for 1 more devices; 0 of 2 are free; a/cpu1 in quarantine", decision.Reason);

        var other = DeviceLeases.Decide(state, DeviceQuarantine.Usable(state, _devices), [new("t/1", 3)], "t/1", 3, 3);
        Assert.Null(other.Lease);
        Assert.Contains("the cluster has 2; not in use: a/cpu1 in quarantine", other.Reason);
    }

    [Fact]
    public void Said_again_it_changes_nothing_and_the_first_evidence_stays()
    {
        var state = DeviceQuarantine.Take(_leased, _verdict);
        Assert.Same(state, DeviceQuarantine.Take(state, _verdict with { TrialId = "t/1" }));
        Assert.Equal(_verdict, state.Quarantined["a/cpu1"]);
    }

    [Fact]
    public void Leases_come_and_go_and_the_quarantine_stays_until_a_person_clears_it()
    {
        var state = DeviceQuarantine.Take(_leased, _verdict);
        state = DeviceLeases.Release(state, "t/0", 1);
        state = DeviceLeases.Grant(state, new Lease("t/1", 2, [_devices[0]]));
        state = DeviceLeases.Shrink(state, "t/1", 2, ["a/cpu0"]);
        state = JsonSerializer.Deserialize<DevicePoolState>(JsonSerializer.Serialize(state, StateJson.Options), StateJson.Options)!;
        Assert.Equal(_verdict, state.Quarantined["a/cpu1"]);

        Assert.Same(state, DeviceQuarantine.Clear(state, "a/cpu0"));
        var cleared = DeviceQuarantine.Clear(state, "a/cpu1");
        Assert.Equal(3, DeviceQuarantine.Usable(cleared, _devices).Count);
    }

    [Fact]
    public void A_lease_of_this_device_alone_is_over()
    {
        var state = DeviceQuarantine.Take(DeviceLeases.Grant(new DevicePoolState(), new Lease("t/0", 1, [_devices[1]])), _verdict);
        Assert.Empty(state.Leases);
    }

    [Fact]
    public void A_pool_of_a_release_before_there_was_any_quarantine_is_read()
    {
        var state = JsonSerializer.Deserialize<DevicePoolState>("""{"last_token": 3, "leases": {}}""", StateJson.Options)!;
        Assert.Empty(state.Quarantined);
        Assert.Single(DeviceQuarantine.Take(state, _verdict).Quarantined);
    }

    private static Device Of(string silo, int index) => new($"{silo}/cpu{index}", silo, "cpu", new Uri("http://127.0.0.1:1"), "1");
}
