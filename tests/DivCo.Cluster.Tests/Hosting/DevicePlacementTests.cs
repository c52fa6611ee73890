using static DivCo.Cluster.Tests.Hosting.SiloCluster;

namespace DivCo.Cluster.Tests.Hosting;

public sealed class DevicePlacementTests
{
    [Fact]
    public async Task A_device_grain_lives_on_the_silo_in_its_key_and_nowhere_else()
    {
        await using var cluster = new SiloCluster();
        var silos = await cluster.Start("north/west", "south");
        await cluster.Connect();
        for (var device = 0; device < 4; device++)
        {
            Assert.Equal("north/west", await cluster.Grains.GetGrain<IDeviceGrain>($"north/west/cpu{device}").SiloName());
            Assert.Equal("south", await cluster.Grains.GetGrain<IDeviceGrain>($"south/cpu{device}").SiloName());
        }

        await AssertRefused(cluster, "east/cpu0", "silo 'east' is not an active member");
        await AssertRefused(cluster, "cpu0", "'cpu0' is no device id");

        await silos[1].Kill();
        await Eventually(() => Refusal(cluster, "south/cpu0"), reason => reason.Contains("silo 'south' is not an active member", StringComparison.Ordinal));
        await cluster.Start("south");
        Assert.Equal("south", await Eventually(() => cluster.Grains.GetGrain<IDeviceGrain>("south/cpu0").SiloName(), _ => true));
    }

    private static async Task AssertRefused(SiloCluster cluster, string device, string reason) =>
        Assert.Contains(reason, await Refusal(cluster, device), StringComparison.Ordinal);

    private static async Task<string> Refusal(SiloCluster cluster, string device)
    {
        try
        {
            return await cluster.Grains.GetGrain<IDeviceGrain>(device).SiloName();
        }
        catch (OrleansException refusal)
        {
            return refusal.ToString();
        }
    }
}
