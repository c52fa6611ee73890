using CsCheck;
using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Tests.Devices;

public sealed class DeviceExtensionsTests
{
    private static readonly Device[] _devices = [Of("a", 0), Of("a", 1), Of("b", 0), Of("c", 0), Of("d", 0, "other")];

    [Fact]
    public void An_elastic_trial_takes_what_is_free_but_only_its_minimum_while_another_waits()
    {
        var alone = DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 1)], "t/0", 1, 3).Lease!;
        Assert.Equal((3, 1), (alone.Devices.Count, alone.Min));
        Assert.Single(DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 1), new("t/1", 2)], "t/0", 1, 3).Lease!.Devices);
        Assert.Equal(3, DeviceLeases.Decide(new DevicePoolState(), _devices, [new("t/0", 1), new("t/1", 9)], "t/0", 1, 3).Lease!.Devices.Count);
    }

    [Fact]
    public void It_grows_by_free_devices_of_its_hardware_up_to_its_maximum()
    {
        var state = Leased(("t/0", 1, 1, [_devices[0]]), ("t/1", 2, 1, [_devices[2]]));
        var grown = DeviceExtensions.Decide(state, _devices, [], "t/0", 1, 9).Lease!;
        Assert.Equal(["a/cpu0", "a/cpu1", "c/cpu0"], grown.Devices.Select(device => device.Id));
        Assert.Equal((3L, 1L), (grown.Token, grown.First));
        Assert.Equal(2, DeviceExtensions.Decide(state, _devices, [], "t/0", 1, 2).Lease!.Devices.Count);
        Assert.Same(state.Leases["t/0"], DeviceExtensions.Decide(state, _devices, [], "t/0", 1, 1).Lease);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void It_never_grows_ahead_of_a_trial_that_the_cluster_could_serve(int waits, bool grows)
    {
        var state = Leased(("t/0", 1, 1, [_devices[0]]));
        var decision = DeviceExtensions.Decide(state, _devices, [new("t/1", waits)], "t/0", 1, 4);
        Assert.Equal(grows, decision.Lease!.Devices.Count > 1);
        Assert.Equal(!grows, decision.Reason.Contains("t/1"));
    }

    [Fact]
    public void A_lease_that_lost_a_device_is_made_whole_before_the_queue()
    {
        var state = DeviceLeases.Shrink(Leased(("t/0", 1, 2, [_devices[0], _devices[1]]), ("t/1", 2, 2, [_devices[2], _devices[3]])), "t/0", 1, ["a/cpu0"]);
        var silos = _devices[1..4];
        Assert.Equal(["a/cpu1"], state.Leases["t/0"].Devices.Select(device => device.Id));
        Assert.Contains("waits for 1 more", DeviceExtensions.Decide(state, silos, [new("t/2", 1)], "t/0", 1, 2).Reason);
        Device[] more = [.. silos, Of("e", 0)];
        Assert.Null(DeviceLeases.Decide(state, more, [new("t/2", 1)], "t/2", 1, 1).Lease);
        Assert.Equal(["a/cpu1", "e/cpu0"], DeviceExtensions.Decide(state, more, [new("t/2", 1)], "t/0", 1, 2).Lease!.Devices.Select(device => device.Id));
    }

    [Fact]
    public void Of_two_trials_that_each_hold_half_the_younger_gives_way()
    {
        var state = Leased(("t/0", 1, 2, [_devices[0]]), ("t/1", 2, 2, [_devices[1]]));
        Device[] announced = [_devices[0], _devices[1]];
        Assert.False(DeviceExtensions.Decide(state, announced, [], "t/0", 1, 2).Yield);
        var younger = DeviceExtensions.Decide(state, announced, [], "t/1", 2, 2);
        Assert.True(younger.Yield);
        Assert.Contains("t/0", younger.Reason);
        Assert.Equal(2, DeviceExtensions.Decide(DeviceLeases.Release(state, "t/1", 2), announced, [], "t/0", 1, 2).Lease!.Devices.Count);
    }

    [Fact]
    public void A_trial_that_the_cluster_cannot_serve_any_more_gives_way_to_one_that_it_can()
    {
        var state = Leased(("t/0", 1, 3, [_devices[0], _devices[1]]));
        Device[] announced = [_devices[0], _devices[1]];
        Assert.False(DeviceExtensions.Decide(state, announced, [], "t/0", 1, 3).Yield);
        Assert.True(DeviceExtensions.Decide(state, announced, [new("t/1", 1)], "t/0", 1, 3).Yield);
    }

    [Fact]
    public void A_restarted_silo_shows_as_another_process_and_a_silent_one_as_lost()
    {
        var state = Leased(("t/0", 1, 1, [_devices[0], _devices[2]]));
        var decision = DeviceExtensions.Decide(state, [_devices[0] with { Incarnation = "2" }], [], "t/0", 1, 2);
        Assert.Equal("2", decision.Lease!.Devices[0].Incarnation);
        Assert.Equal(["b/cpu0"], decision.Lost);
    }

    [Fact]
    public void Every_token_of_a_lease_holds_it_and_no_other()
    {
        var state = Leased(("t/0", 1, 1, [_devices[0]]));
        state = DeviceLeases.Grant(state, DeviceExtensions.Decide(state, _devices, [], "t/0", 1, 2).Lease!);
        Assert.Equal(2, state.LastToken);
        Assert.NotNull(DeviceExtensions.Decide(state, _devices, [], "t/0", 1, 2).Lease);
        Assert.Null(DeviceExtensions.Decide(state, _devices, [], "t/0", 3, 2).Lease);
        Assert.Same(state, DeviceLeases.Shrink(state, "t/0", 3, ["a/cpu0"]));
        Assert.Empty(DeviceLeases.Shrink(state, "t/0", 2, ["a/cpu0", "a/cpu1"]).Leases);
    }

    [Fact]
    public void No_device_is_ever_leased_twice_whatever_is_asked()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Int[0, 2]).Array[1, 40].Sample(calls =>
        {
            var state = new DevicePoolState();
            foreach (var (trial, call, min, extra) in calls)
            {
                var id = $"t/{trial}";
                var held = state.Leases.GetValueOrDefault(id);
                var lease = call switch
                {
                    0 => DeviceLeases.Decide(state, _devices, [new(id, min)], id, min, min + extra).Lease,
                    1 when held is not null => DeviceExtensions.Decide(state, _devices, [], id, held.Token, min + extra).Lease,
                    _ => null,
                };
                state = lease is not null ? DeviceLeases.Grant(state, lease)
                    : held is not null ? DeviceLeases.Shrink(state, id, held.Token, [held.Devices[0].Id])
                    : state;
                var devices = state.Leases.Values.SelectMany(one => one.Devices).Select(device => device.Id).ToList();
                Assert.Equal(devices.Distinct().Count(), devices.Count);
                Assert.All(state.Leases.Values, one => Assert.Single(one.Devices.Select(device => device.HardwareClass).Distinct()));
            }
        });
    }

    private static DevicePoolState Leased(params (string Trial, long Token, int Min, Device[] Devices)[] leases) =>
        leases.Aggregate(new DevicePoolState(), (state, lease) => DeviceLeases.Grant(state, new Lease(lease.Trial, lease.Token, lease.Devices) { Min = lease.Min }));

    private static Device Of(string silo, int index, string hardware = "cpu") =>
        new($"{silo}/cpu{index}", silo, hardware, new Uri("http://127.0.0.1:1"), "1");
}
