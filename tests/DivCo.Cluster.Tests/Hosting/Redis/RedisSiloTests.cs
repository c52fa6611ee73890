using static DivCo.Cluster.Tests.Hosting.SiloCluster;

namespace DivCo.Cluster.Tests.Hosting.Redis;

/// <summary>Silos in processes of their own over a real Redis; both are killed.</summary>
public sealed class RedisSiloTests
{
    [Fact]
    public async Task A_grain_of_a_killed_silo_comes_back_on_another_with_its_state()
    {
        using var redis = await RedisProcess.Start();
        await using var cluster = new SiloCluster(Storage.Of(redis));
        var silos = await cluster.Start("a", "b");
        await cluster.Connect();
        var counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        Assert.Equal(1, await counter.Increment());
        var (dies, survivor) = await counter.SiloName() == "a" ? (silos[0], "b") : (silos[1], "a");
        await dies.Kill();
        await cluster.Connect();
        counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        Assert.Equal(survivor, await Eventually(counter.SiloName, _ => true));
        Assert.Equal(2, await counter.Increment());
    }

    [Fact]
    public async Task A_cluster_whose_processes_were_all_killed_starts_again_with_its_states_and_reminders()
    {
        using var redis = await RedisProcess.Start();
        await using var cluster = new SiloCluster(Storage.Of(redis));
        var ports = FreePorts.Take(4);
        var silos = await cluster.Start(["a", "b"], ports);
        await cluster.Connect();
        var counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        await counter.Increment();
        await counter.Remind();
        var ticks = await Eventually(counter.Ticks, count => count >= 2);
        await Task.WhenAll([.. silos.Select(silo => silo.Kill()), redis.Kill()]);

        await redis.StartAgain();
        await cluster.Start(["a", "b"], ports);
        await cluster.Connect();
        counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        Assert.Equal(1, await counter.Read());
        await Eventually(counter.Ticks, count => count > ticks + 1);
    }

    [Fact]
    public async Task While_the_Redis_is_away_states_can_be_read_but_not_written_and_the_silos_stay()
    {
        using var redis = await RedisProcess.Start();
        await using var cluster = new SiloCluster(Storage.Of(redis));
        await cluster.Start("a", "b");
        await cluster.Connect();
        var counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        Assert.Equal(1, await counter.Increment());

        await redis.Kill();
        await Assert.ThrowsAnyAsync<Exception>(counter.Increment);
        await redis.StartAgain();

        // The failed write is not in the store, whatever the activation's memory says: a fresh one reads the record.
        Assert.True(await Eventually(counter.Increment, _ => true) >= 2);
        var other = cluster.Grains.GetGrain<ICounterGrain>("another");
        Assert.Equal(1, await Eventually(other.Increment, _ => true));
    }

    [Fact]
    public async Task A_second_silo_of_the_same_name_is_refused_and_one_that_was_killed_may_come_back()
    {
        using var redis = await RedisProcess.Start();
        await using var cluster = new SiloCluster(Storage.Of(redis));
        var first = await cluster.Start("a");
        var ports = FreePorts.Take(2);
        using (var second = cluster.Silo("a", ports[0], ports[1]))
        {
            Assert.NotEqual(0, await second.WaitForExit());
            Assert.Contains("a silo of this name runs at", second.Errors, StringComparison.Ordinal);
        }

        await first[0].Kill();
        await cluster.Start("a");
    }
}
