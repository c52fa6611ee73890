namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Two servers by hand, a sweep from another terminal, and every process killed on the way.</summary>
public sealed class KilledAndResumedTests
{
    private static readonly string _spec = Specs.Tiny(steps: 60, every: 10);

    [Fact]
    public async Task Stopped_then_killed_then_resumed_it_ends_with_the_hash_of_the_undisturbed_run()
    {
        await using var scenario = new Scenario();
        var undisturbed = await Undisturbed(scenario);
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");

        var sweep = await scenario.Submit(_spec, "--id", "by-hand");
        var watch = scenario.Divco("watch", "by-hand");
        await watch.Says("step-000010");
        var stopped = await sweep.Stop();
        Assert.InRange(stopped.Status.Trials.Single().Checkpoint.Step, 10, 59);
        await watch.Exit();
        await north.Kill();
        await south.Kill();

        await north.Start();
        await south.Start();
        await sweep.Resume();
        Assert.Equal(undisturbed, Hashes.Of(await sweep.Succeeds()));
        var stop = stopped.Status.Trials.Single().Step;
        Assert.Equal(Enumerable.Range(1, 60).Where(step => step % 2 == 0 || step == stop), Reports(scenario, "by-hand"));
        await north.Stop();
        await south.Stop();
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_by_itself_and_passes_over_a_damaged_checkpoint()
    {
        await using var scenario = new Scenario();
        var undisturbed = await Undisturbed(scenario);
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");
        var sweep = await scenario.Submit(_spec, "--id", "by-hand");
        var last = (await sweep.HasCheckpoint(step: 20)).Status.Trials.Single().Checkpoint;
        await north.Kill();
        await south.Kill();

        // One bit, in the newest checkpoint there is.
        var newest = Directory.GetDirectories(Path.GetDirectoryName(last.Path)!, "step-*").Order(StringComparer.Ordinal).Last();
        var file = Path.Combine(newest, "weights.safetensors");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        await north.Start();
        await south.Start();
        var ended = await sweep.Succeeds();
        Assert.Equal(undisturbed, Hashes.Of(ended));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => 2 * i), Reports(scenario, "by-hand"));
        Assert.Contains(scenario.Servers, server => server.Process.Errors.Text.Contains($"{Path.GetFileName(newest)} is not used", StringComparison.Ordinal));
    }

    private static async Task<Hashes> Undisturbed(Scenario scenario) => Hashes.Of(await scenario.Run(
        "run", scenario.Write("tiny.yaml", _spec), "--processes", "1", "--devices", "cpu:2", "--results", Path.Combine(scenario.Folder, "undisturbed"), "--output", "json"));

    /// <summary>Steps of the loss reports: each once, in order, however often the trial began again.</summary>
    private static IEnumerable<int> Reports(Scenario scenario, string sweep) =>
        File.ReadLines(Path.Combine(scenario.Results, sweep, "trials", "0", "metrics.jsonl"))
            .Where(line => !line.Contains("diversity", StringComparison.Ordinal))
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
}
