using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Silos that are killed, paused and brought back under a running trial: it goes on, and comes to the same bits.</summary>
public sealed class ElasticTests
{
    private const int Steps = 400;

    private static readonly string _spec = Specs.Tiny(steps: Steps, every: 100).Replace("{workers: 2}", "{workers: 2, elastic: {min: 1, max: 2}}");

    [Fact]
    public async Task Three_kills_one_of_them_of_the_coordinator_and_a_pause_change_no_bit()
    {
        await using var scenario = new Scenario();
        var undisturbed = Hashes.Of(await scenario.Run(
            "run", scenario.Write("tiny.yaml", _spec), "--processes", "1", "--devices", "cpu:2", "--results", Path.Combine(scenario.Folder, "undisturbed"), "--output", "json"));
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");
        var sweep = await scenario.Submit(_spec, "--id", "storm");

        // One after the other, so one of the two holds the grains of the sweep and of the trial.
        await sweep.Reaches(step: 10);
        await south.Kill();
        await south.Start();
        await Becomes(sweep, "train on both", trial => trial is { Devices.Count: 2, Epoch: > 2 });
        var before = (await sweep.Look())!.Status.Trials.Single();
        await north.Kill();
        await Becomes(sweep, "go on alone", trial => trial.Step > before.Step);
        await north.Start();
        await Becomes(sweep, "train on both again", trial => trial.Devices.Count == 2 && trial.Epoch > before.Epoch);

        // Longer than any lease: what it wakes to is over.
        var paused = (await sweep.Look())!.Status.Trials.Single();
        south.Pause();
        await Becomes(sweep, "go on without the paused one", trial => trial.Epoch > paused.Epoch && trial.Step > paused.Step + 1);
        await south.Kill();

        Assert.Equal(undisturbed, Hashes.Of(await sweep.Succeeds()));
        Assert.Equal(Enumerable.Range(1, Steps / 2).Select(i => 2 * i), Reports(scenario, "storm"));
    }

    [Fact]
    public async Task A_server_that_is_asked_to_end_hands_its_shards_on_first()
    {
        await using var scenario = new Scenario();
        var undisturbed = Hashes.Of(await scenario.Run(
            "run", scenario.Write("tiny.yaml", _spec), "--processes", "1", "--devices", "cpu:2", "--results", Path.Combine(scenario.Folder, "undisturbed"), "--output", "json"));
        await scenario.Server("north");
        var south = await scenario.Server("south");
        var sweep = await scenario.Submit(_spec, "--id", "drain");
        await sweep.Reaches(step: 10);
        await south.Stop();
        Assert.Equal(undisturbed, Hashes.Of(await sweep.Succeeds()));
        Assert.DoesNotContain("let go of this silo within", south.Process.Errors.Text);
    }

    /// <summary>On a fast machine the trial may be done before the next thing could happen to it; then the rest of the story is shorter.</summary>
    private static Task<Sweep> Becomes(SweepStory sweep, string what, Func<Trial, bool> wanted) => sweep.Becomes(
        what, it => it.Status.State == State.Succeeded || (it.Status.Trials is [{ } trial] && wanted(trial)), TimeSpan.FromMinutes(2));

    /// <summary>Steps of the loss reports: each once, in order, however often the quorum changed.</summary>
    private static IEnumerable<int> Reports(Scenario scenario, string sweep) =>
        File.ReadLines(Path.Combine(scenario.Results, sweep, "trials", "0", "metrics.jsonl"))
            .Where(line => !line.Contains("diversity", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
}
