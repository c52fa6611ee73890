using DivCo.Cluster.Hosting;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>Silos of two product versions never live in one cluster.</summary>
public sealed class VersionCheckTests
{
    [Theory]
    [InlineData(null, true, true)]
    [InlineData("1.0.0", true, true)]
    [InlineData("0.9.0", false, true)]
    [InlineData("0.9.0", true, false)]
    public void The_version_of_those_that_live_is_the_clusters(string? recorded, bool anyAlive, bool joins)
    {
        var refusal = VersionCheck.Refusal("divco", "1.0.0", recorded, anyAlive ? ["north", "south"] : []);
        Assert.Equal(joins, refusal is null);
        Assert.True(joins || refusal!.StartsWith("this is version 1.0.0, and the cluster divco runs version 0.9.0 (north, south)", StringComparison.Ordinal), refusal);
    }

    [Fact]
    public Task A_silo_of_another_version_is_refused_until_the_last_of_the_old_one_has_gone() => MustRefuse(storage: null);

    [Fact]
    public async Task With_the_records_in_Redis_too()
    {
        using var redis = await RedisProcess.Start();
        await MustRefuse(Storage.Of(redis));
    }

    private static async Task MustRefuse(Storage? storage)
    {
        await using var cluster = new SiloCluster(storage);
        var silos = await cluster.Start("a", "b");
        using (var stranger = cluster.Stranger(identity: null, "2.0.0"))
        {
            Assert.NotEqual(0, await stranger.WaitForExit());
            Assert.Contains("this is version 2.0.0, and the cluster divco runs version 1.0.0 (a, b)", stranger.Errors, StringComparison.Ordinal);
        }

        foreach (var silo in silos)
        {
            silo.Release();
            Assert.Equal(0, await silo.WaitForExit());
        }

        using var next = cluster.Stranger(identity: null, "2.0.0");
        Assert.Equal("ready", await next.ReadLine());
    }
}
