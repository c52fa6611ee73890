using CsCheck;
using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Tests.Devices;

public sealed class DeviceLeasesTests
{
    private static readonly Device[] _devices = [Of("a", 0), Of("a", 1), Of("b", 0), Of("c", 0, "other")];

    [Fact]
    public void A_gang_is_all_or_none()
    {
        var state = DeviceLeases.Grant(new DevicePoolState(), DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 2)], "t/0", 2, 2).Lease!);
        var second = DeviceLeases.Decide(state, _devices, [new("t/1", 2)], "t/1", 2, 2);
        Assert.Null(second.Lease);
        Assert.Contains("t/0", second.Reason);
        Assert.NotNull(DeviceLeases.Decide(state, _devices, [new("t/1", 1)], "t/1", 1, 1).Lease);
    }

    [Fact]
    public void Whole_silos_come_first_and_hardware_is_never_mixed()
    {
        var lease = DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 2)], "t/0", 2, 2).Lease!;
        Assert.Equal(["a/cpu0", "a/cpu1"], lease.Devices.Select(device => device.Id));
        Assert.Null(DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 4)], "t/0", 4, 4).Lease);
    }

    [Fact]
    public void A_wide_trial_is_not_passed_by_a_later_narrow_one_unless_the_cluster_cannot_serve_it()
    {
        var state = DeviceLeases.Grant(new DevicePoolState(), new Lease("t/0", 1, [_devices[0]]));
        Assert.Null(DeviceLeases.Decide(state, _devices, [new("t/1", 3), new("t/2", 1)], "t/2", 1, 1).Lease);
        Assert.NotNull(DeviceLeases.Decide(state, _devices, [new("t/1", 9), new("t/2", 1)], "t/2", 1, 1).Lease);
    }

    [Fact]
    public void Tokens_grow_and_an_old_one_releases_nothing()
    {
        var first = DeviceLeases.Grant(new DevicePoolState(), new Lease("t/0", 1, [_devices[0]]));
        var second = DeviceLeases.Grant(DeviceLeases.Release(first, "t/0", 1), DeviceLeases.Decide(first, _devices, [new("t/1", 1)], "t/1", 1, 1).Lease!);
        Assert.Equal(2, second.LastToken);
        Assert.Equal(["t/1"], DeviceLeases.Release(second, "t/1", 1).Leases.Keys);
        Assert.Empty(DeviceLeases.Release(second, "t/1", 2).Leases);
    }

    [Fact]
    public void No_device_is_ever_leased_twice()
    {
        Gen.Int[1, 4].Array[1, 12].Sample(counts =>
        {
            var state = new DevicePoolState();
            for (var i = 0; i < counts.Length; i++)
            {
                var decision = DeviceLeases.Decide(state, _devices, [new($"t/{i}", counts[i])], $"t/{i}", counts[i], counts[i]);
                state = decision.Lease is { } lease ? DeviceLeases.Grant(state, lease) : state;
                if (i % 3 == 2 && state.Leases.GetValueOrDefault($"t/{i - 1}") is { } old)
                {
                    state = DeviceLeases.Release(state, old.TrialId, old.Token);
                    Assert.DoesNotContain(old.TrialId, state.Leases.Keys);
                }

                var held = state.Leases.Values.SelectMany(lease => lease.Devices).Select(device => device.Id).ToList();
                Assert.Equal(held.Distinct().Count(), held.Count);
            }
        });
    }

    private static Device Of(string silo, int index, string hardware = "cpu") =>
        new($"{silo}/cpu{index}", silo, hardware, new Uri("http://127.0.0.1:1"), "1");
}
