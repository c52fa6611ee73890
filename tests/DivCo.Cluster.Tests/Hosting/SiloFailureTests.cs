using static DivCo.Cluster.Tests.Hosting.SiloCluster;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>Silos in processes of their own over one data folder, some of them killed.</summary>
public sealed class SiloFailureTests
{
    [Fact]
    public async Task A_grain_of_a_killed_silo_comes_back_on_another_with_its_state()
    {
        await using var cluster = new SiloCluster();
        var silos = await cluster.Start("a", "b");
        await cluster.Connect();
        var counters = Enumerable.Range(0, 20).Select(i => cluster.Grains.GetGrain<ICounterGrain>($"counter/{i}")).ToList();
        var onA = new List<ICounterGrain>();
        foreach (var counter in counters)
        {
            Assert.Equal(1, await counter.Increment());
            if (await counter.SiloName() == "a")
            {
                onA.Add(counter);
            }
        }

        Assert.NotEmpty(onA);
        await silos[0].Kill();
        foreach (var counter in onA)
        {
            Assert.Equal("b", await Eventually(counter.SiloName, _ => true));
            Assert.Equal(2, await counter.Increment());
        }
    }

    [Fact]
    public async Task A_silo_paused_until_others_took_over_ends_when_it_wakes_and_has_changed_nothing()
    {
        await using var cluster = new SiloCluster();
        var silos = await cluster.Start("a", "b");
        await cluster.Connect();
        var device = cluster.Grains.GetGrain<ICounterGrain>("counter");
        await device.Increment();
        var (paused, survivor) = await device.SiloName() == "a" ? (silos[0], "b") : (silos[1], "a");
        paused.Pause();
        await cluster.Connect();
        device = cluster.Grains.GetGrain<ICounterGrain>("counter");
        await Eventually(device.SiloName, name => name == survivor);
        Assert.Equal(2, await device.Increment());
        paused.Resume();
        Assert.NotEqual(0, await paused.WaitForExit());
        Assert.Equal(2, await Eventually(device.Read, _ => true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cluster_whose_processes_were_all_killed_starts_again_with_its_states_and_reminders(bool onTheSamePorts)
    {
        await using var cluster = new SiloCluster();
        var ports = FreePorts.Take(8);
        var silos = await cluster.Start(["a", "b"], ports[..4]);
        await cluster.Connect();
        var counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        await counter.Increment();
        await counter.Remind();
        var ticks = await Eventually(counter.Ticks, count => count >= 2);
        await Task.WhenAll(silos.Select(silo => silo.Kill()));

        await cluster.Start(["a", "b"], onTheSamePorts ? ports[..4] : ports[4..]);
        await cluster.Connect();
        counter = cluster.Grains.GetGrain<ICounterGrain>("counter");
        Assert.Equal(1, await counter.Read());
        await Eventually(counter.Ticks, count => count > ticks + 1);
    }

    [Fact]
    public async Task A_second_silo_of_the_same_name_is_refused()
    {
        await using var cluster = new SiloCluster();
        await cluster.Start("a");
        var ports = FreePorts.Take(2);
        using var second = cluster.Silo("a", ports[0], ports[1]);
        Assert.NotEqual(0, await second.WaitForExit());
        Assert.Contains("A silo named 'a' is already running here", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_stops_leaves_no_lock_and_another_of_its_name_may_start()
    {
        await using var cluster = new SiloCluster();
        var silos = await cluster.Start("a");
        silos[0].Release();
        Assert.Equal(0, await silos[0].WaitForExit());
        Assert.Empty(Directory.GetFiles(Path.Combine(cluster.DataFolder, "members"), "*.lock"));
        await cluster.Start("a");
    }
}
