using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Two servers by hand, a sweep from another terminal, and every process killed on the way.</summary>
public sealed class KilledAndResumedTests
{
    [Fact]
    public async Task Stopped_then_killed_then_resumed_it_ends_with_the_hash_of_the_undisturbed_run()
    {
        await using var scenario = new Scenario();
        var undisturbed = await Undisturbed.Short.Hashes();
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");

        var sweep = await scenario.Submit(Undisturbed.Short.Spec, "--id", "by-hand");
        var watch = scenario.Divco("watch", "by-hand");
        await watch.Says("by-hand/0 checkpoint ", Deadline.Training);
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
        Assert.Equal(Enumerable.Range(1, 60).Where(step => step % 2 == 0 || step == stop), new LossReports(scenario.Results, "by-hand").Steps);
        await north.Stop();
        await south.Stop();
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_by_itself_and_passes_over_a_damaged_checkpoint()
    {
        await using var scenario = new Scenario();
        var undisturbed = await Undisturbed.Short.Hashes();
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");
        var sweep = await scenario.Submit(Undisturbed.Short.Spec, "--id", "by-hand");
        await sweep.HasCheckpoint(step: 20);
        var newest = (await sweep.Checkpoints())[^1];
        await north.Kill();
        await south.Kill();

        // One bit, in the newest checkpoint that the API listed and in what may have been written since.
        foreach (var folder in Directory.GetDirectories(Path.GetDirectoryName(newest.Path)!, "step-*").Where(folder => string.CompareOrdinal(folder, newest.Path) >= 0))
        {
            var file = Path.Combine(folder, "weights.safetensors");
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        }

        await north.Start();
        await south.Start();
        Assert.Equal(undisturbed, Hashes.Of(await sweep.Succeeds()));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => 2 * i), new LossReports(scenario.Results, "by-hand").Steps);
        Assert.Contains(scenario.Servers, server => server.Process.Errors.Text.Contains($"{newest.Name} is not used", StringComparison.Ordinal));

        // What is listed is there, whole, and nothing else is.
        var listed = await sweep.Checkpoints();
        await Deadline.Until(
            "the folders of the listed checkpoints alone", () => CheckpointFiles.Names(scenario, "by-hand").SequenceEqual(listed.Select(checkpoint => checkpoint.Name)),
            instead: () => $"Listed: {string.Join(' ', listed.Select(checkpoint => checkpoint.Name))}; there: {string.Join(' ', CheckpointFiles.Names(scenario, "by-hand"))}");
        Assert.Equal(3, listed.Count);
        Assert.All(listed, checkpoint => CheckpointFiles.MustVerify(checkpoint.Path));
    }
}
