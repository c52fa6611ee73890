namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>The weights do not depend on who computed them.</summary>
public sealed class OneHashTests
{
    [Fact]
    public async Task One_worker_two_in_a_process_two_processes_twice_and_three_workers_give_one_hash()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        var alone = await Run(scenario, spec, workers: 1, processes: 1, devices: 1);
        var answer = alone.Json;
        var trial = answer.GetProperty("trials").EnumerateArray().Single();
        Assert.Equal("succeeded", trial.GetProperty("state").GetString());
        Assert.Equal(12, trial.GetProperty("steps").GetInt32());
        Assert.Equal(trial.GetProperty("id").GetString(), answer.GetProperty("best").GetString());
        Assert.Equal(
            ["diversity", "loss_adv", "loss_contra", "loss_d", "loss_g", "sample_variance", "samples_per_s"],
            trial.GetProperty("metrics").EnumerateObject().Select(metric => metric.Name).Order());

        var expected = Hashes.Of(alone);
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 1, devices: 2)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 3, processes: 2, devices: 2)));
    }

    [Theory]
    [InlineData("{data: 8}")]
    [InlineData("{data: 4, negatives: 2}")]
    public async Task One_two_three_five_and_eight_workers_give_one_hash(string shards)
    {
        // Three workers hold an odd number of shards each; five and eight stretch over three and four processes.
        await using var scenario = new Scenario();
        foreach (var name in new[] { "north", "east", "south", "west" })
        {
            await scenario.Server(name, devices: 2);
        }

        var hashes = new List<Hashes>();
        foreach (var workers in new[] { 1, 2, 3, 5, 8 })
        {
            var sweep = await scenario.Submit(Specs.Tiny(steps: 10, workers: workers, every: 5).Replace("{data: 4}", shards));
            hashes.Add(Hashes.Of(await sweep.Succeeds()));
        }

        Assert.Single(hashes.Distinct());
    }

    private static Task<CommandResult> Run(Scenario scenario, string spec, int workers, int processes, int devices) => scenario.Run(
        "run", spec, "--workers", $"{workers}", "--processes", $"{processes}", "--devices", $"cpu:{devices}", "--results", scenario.Results, "--output", "json");
}
