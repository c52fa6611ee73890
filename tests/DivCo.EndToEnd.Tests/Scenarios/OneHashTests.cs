namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>The weights do not depend on who computed them.</summary>
public sealed class OneHashTests
{
    [Fact]
    public async Task One_worker_two_in_a_process_two_processes_and_three_workers_give_one_hash()
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
            ["diversity", "loss_adv", "loss_contra", "loss_d", "loss_g", "samples_per_s"],
            trial.GetProperty("metrics").EnumerateObject().Select(metric => metric.Name).Order());

        var expected = Hashes.Of(alone);
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 1, devices: 2)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 3, processes: 2, devices: 2)));
    }

    [Fact]
    public async Task Repetitions_in_fresh_processes_give_one_hash()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        var expected = Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1)));
        Assert.Equal(expected, Hashes.Of(await Run(scenario, spec, workers: 2, processes: 2, devices: 1)));
    }

    private static Task<CommandResult> Run(Scenario scenario, string spec, int workers, int processes, int devices) => scenario.Run(
        "run", spec, "--workers", $"{workers}", "--processes", $"{processes}", "--devices", $"cpu:{devices}", "--results", scenario.Results, "--output", "json");
}
