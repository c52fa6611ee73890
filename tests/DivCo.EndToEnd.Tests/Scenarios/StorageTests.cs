using System.Text.Json;
using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Disks that are full or read-only under a running trial: it pauses, says why, and goes on to the same bits when it can write.</summary>
public sealed class StorageTests
{
    private const int Steps = 200;

    private static readonly Undisturbed _undisturbed = new(Specs.Tiny(steps: Steps, every: 20));

    public enum Trouble
    {
        ResultsFull,
        ResultsReadOnly,
        DataFull,
    }

    [Theory]
    [InlineData(Trouble.ResultsFull)]
    [InlineData(Trouble.ResultsReadOnly)]
    [InlineData(Trouble.DataFull)]
    public async Task A_trial_pauses_while_it_cannot_write_and_goes_on_by_itself(Trouble trouble)
    {
        await using var scenario = new Scenario();
        using var disk = SmallDisk.Mount(trouble == Trouble.DataFull ? scenario.Data : scenario.Results);
        await scenario.Server("north");
        await scenario.Server("south");
        var sweep = await scenario.Submit(_undisturbed.Spec, "--id", "paused");
        await sweep.HasCheckpoint(20);
        if (trouble == Trouble.ResultsReadOnly)
        {
            disk.MakeReadOnly();
        }
        else
        {
            disk.Fill();
        }

        var paused = (await IsPaused(sweep)).Status.Trials.Single();
        Assert.Contains(trouble == Trouble.ResultsReadOnly ? "Read-only file system" : "No space left on device", paused.Reason);
        Assert.EndsWith("goes on when it can", paused.Reason);
        Assert.Contains("paused: cannot write", (await scenario.Run("get", "paused")).Output);
        if (trouble == Trouble.ResultsReadOnly)
        {
            disk.MakeWritable();
        }
        else
        {
            disk.Empty();
        }

        var trial = (await sweep.Succeeds()).Status.Trials.Single();
        Assert.Equal(await _undisturbed.Hashes(), Hashes.Of((await sweep.Look())!));
        Assert.Equal(paused.Epoch, trial.Epoch);
        Assert.Equal(Enumerable.Range(1, Steps / 2).Select(i => 2 * i), Lines(scenario, ofCheckpoints: false));
        Assert.Equal(Enumerable.Range(1, Steps / 20).Select(i => 20 * i), Lines(scenario, ofCheckpoints: true));
        Assert.Equal(Steps / 20, Directory.GetFiles(Path.Combine(scenario.Results, "paused", "trials", "0", "samples"), "step-*.png").Length);
        Assert.All(await sweep.Checkpoints(), checkpoint => CheckpointFiles.MustVerify(checkpoint.Path));
        var kept = (await sweep.Checkpoints()).Select(checkpoint => checkpoint.Name).ToList();
        await Deadline.Until("what the ledger dropped to be deleted", () =>
            CheckpointFiles.Names(scenario, "paused").Where(name => name.StartsWith("step-", StringComparison.Ordinal)).SequenceEqual(kept));
    }

    [Fact]
    public async Task A_paused_trial_can_be_stopped_and_resumed()
    {
        await using var scenario = new Scenario();
        using var disk = SmallDisk.Mount(scenario.Results);
        await scenario.Server("north", devices: 2);
        var sweep = await scenario.Submit(_undisturbed.Spec, "--id", "paused");
        await sweep.HasCheckpoint(20);
        disk.Fill();
        await IsPaused(sweep);
        var stopped = (await sweep.Stop()).Status.Trials.Single();
        Assert.Contains("stopped, as asked, while it cannot write", stopped.Reason);
        disk.Empty();
        await sweep.Resume();
        Assert.Equal(await _undisturbed.Hashes(), Hashes.Of(await sweep.Succeeds()));
        Assert.Equal(Enumerable.Range(1, Steps / 2).Select(i => 2 * i), Lines(scenario, ofCheckpoints: false));
    }

    private static Task<Sweep> IsPaused(SweepStory sweep) => sweep.Becomes(
        "be paused", it => it.Status.Trials is [{ } trial] && trial.Reason.StartsWith("paused: cannot write", StringComparison.Ordinal));

    /// <summary>Steps in metrics.jsonl: each once, in order.</summary>
    private static IEnumerable<int> Lines(Scenario scenario, bool ofCheckpoints) =>
        File.ReadLines(Path.Combine(scenario.Results, "paused", "trials", "0", "metrics.jsonl"))
            .Where(line => line.Contains("diversity", StringComparison.Ordinal) == ofCheckpoints)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
}
