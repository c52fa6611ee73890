using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Servers that are killed, paused, cut off and brought back under a running trial: it goes on, loses nothing, and comes to the same bits.</summary>
public sealed class ElasticTests
{
    /// <summary>Draws the updates at which processes die; another one is another story.</summary>
    private const int Seed = 20261123;

    private const int Steps = 400;

    private static readonly TimeSpan _longerThanALease = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task Kills_before_sending_amid_the_exchange_and_after_the_commit_change_no_bit()
    {
        await using var scenario = new Scenario();
        var draw = new Random(Seed);
        var south = await scenario.Server("south", kill: $"device=south/cpu0,update={draw.Next(40, 120)},phase=before_send");
        var west = await scenario.Server("west", kill: $"device=west/cpu0,update={draw.Next(200, 300)},phase=after_first_chunk");

        // Rank 0, by its name: the one that would have reported the update.
        var north = await scenario.Server("north", kill: $"device=north/cpu0,update={draw.Next(500, 600)},phase=after_commit");
        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "scripted");
        foreach (var server in new[] { south, west, north })
        {
            Assert.Equal(137, await server.Process.Exit(Deadline.Training));
            await server.Start();
        }

        await MustBeAsUndisturbed(scenario, await sweep.Succeeds());
    }

    /// <summary>A step of the one has one update, of the other six: what is counted by steps must not be taken for updates.</summary>
    [Theory]
    [InlineData("paired", "edges-to-fashion", 24, 9, 19)]
    [InlineData("unpaired", "sneakers-to-boots", 16, 27, 74)]
    public async Task Kills_in_the_middle_of_a_step_of_another_task_and_of_all_its_holders_change_no_bit(string task, string dataset, int steps, int first, int second)
    {
        await using var scenario = new Scenario();
        var spec = Specs.Translation(task, dataset, steps);
        var north = await scenario.Server("north", kill: $"device=north/cpu0,update={second},phase=before_send");
        var south = await scenario.Server("south", kill: $"device=south/cpu0,update={first},phase=after_first_chunk");
        var sweep = await scenario.Submit(spec, "--id", task);
        await south.Process.Exit(Deadline.Training);
        await south.Start($"device=south/cpu0,update={second},phase=after_commit");

        // Now nobody is left, and a checkpoint is read; of two that read it one may join before the first commit.
        await north.Process.Exit(Deadline.Training);
        await south.Process.Exit(Deadline.Training);
        await north.Start();
        await south.Start();
        Assert.Equal(await new Undisturbed(spec).Hashes(), Hashes.Of(await sweep.Succeeds()));
        Assert.Equal(Enumerable.Range(1, steps), new LossReports(scenario.Results, sweep.Id).Steps);
    }

    [Fact]
    public async Task A_kill_of_the_coordinators_process_and_a_pause_longer_than_the_lease_change_no_bit()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north");
        await scenario.Server("south");
        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "storm");
        await Becomes(sweep, "train on both", trial => trial is { Devices.Count: 2, Step: > 10 });
        var killed = scenario.Servers.Single(server => server.Name == scenario.Whereabouts("storm").Coordinator);
        await killed.Kill();
        await killed.Start();
        await Becomes(sweep, "train on both again", trial => trial is { Devices.Count: 2, Epoch: > 2 });

        // Longer than any lease: what it wakes to is over, and it ends.
        var before = (await sweep.Look())!.Status.Trials.Single();
        var paused = scenario.Servers[1];
        paused.Pause();
        await Becomes(sweep, "go on without the paused one", trial => trial.Epoch > before.Epoch && trial.Step > before.Step + 1);
        await Task.Delay(_longerThanALease, TestContext.Current.CancellationToken);
        paused.Resume();
        await paused.Process.Exit();
        await paused.Start();
        await MustBeAsUndisturbed(scenario, await sweep.Succeeds());
    }

    [Fact]
    public async Task A_partition_between_network_namespaces_and_a_slow_link_change_no_bit()
    {
        Assert.SkipWhen(Network.Impediment() is not null, Network.Impediment() ?? "");
        using var network = new Network();
        await using var scenario = new Scenario();
        await scenario.Server("north", node: network.Node("north"));
        var slow = network.Node("south");
        slow.Slow(kilobitsPerSecond: 100_000);
        await scenario.Server("south", node: slow);
        var west = await scenario.Server("west", node: network.Node("west"));
        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "partition");
        await Becomes(sweep, "train on all", trial => trial is { Devices.Count: 3, Step: > 10 });
        west.Node!.Isolate();
        var before = (await sweep.Look())!.Status.Trials.Single();
        await Becomes(sweep, "go on without the isolated one", trial => trial.Epoch > before.Epoch && trial.Step > before.Step + 1);
        west.Node.Rejoin();

        // It was declared dead, hears of it, and ends.
        await west.Process.Exit();
        await west.Start();
        await MustBeAsUndisturbed(scenario, await sweep.Succeeds());
    }

    [Fact]
    public async Task A_server_that_is_asked_to_end_hands_its_shards_on_first()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north");
        var south = await scenario.Server("south");
        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "drain");
        await sweep.Reaches(step: 10);
        await south.Stop();
        await MustBeAsUndisturbed(scenario, await sweep.Succeeds());
        Assert.DoesNotContain("let go of this silo within", south.Process.Errors.Text);
    }

    /// <summary>The same bits, and each step reported once, in order, however often the quorum changed.</summary>
    private static async Task MustBeAsUndisturbed(Scenario scenario, Sweep sweep)
    {
        Assert.Equal(await Undisturbed.Elastic.Hashes(), Hashes.Of(sweep));
        Assert.Equal(Enumerable.Range(1, Steps), new LossReports(scenario.Results, sweep.Id).Steps);
    }

    /// <summary>On a fast machine the trial may be done before the next thing could happen to it; then the rest of the story is shorter.</summary>
    private static Task<Sweep> Becomes(SweepStory sweep, string what, Func<Trial, bool> wanted) => sweep.Becomes(
        what, it => it.Status.State == State.Succeeded || (it.Status.Trials is [{ } trial] && wanted(trial)), TimeSpan.FromMinutes(2));
}
