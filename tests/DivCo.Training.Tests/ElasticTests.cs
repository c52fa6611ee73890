using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Tests.Tasks.Paired;
using DivCo.Training.Tests.Tasks.Unpaired;

namespace DivCo.Training.Tests;

/// <summary>A trial whose workers come and go in the middle of its steps ends as if nothing had happened.</summary>
public sealed class ElasticTests
{
    /// <summary>Tasks with one, five and two updates a step.</summary>
    private static readonly Dictionary<string, (TrainingConfig Config, Dataset Data)> _others = new()
    {
        ["paired"] = (PairedTrials.Config(2, 2) with { Steps = 4, CheckpointEvery = 100 }, PairedTrials.Waves),
        ["unpaired"] = (UnpairedTrials.Config(2, 2) with { Steps = 2, CheckpointEvery = 100 }, UnpairedTrials.Waves),
        ["cycle"] = (UnpairedTrials.Cycle(4) with { Steps = 2, CheckpointEvery = 100 }, UnpairedTrials.Waves),
    };

    private static readonly TrainingConfig _config = TestTrials.Config(4) with
    {
        BatchSize = 4,
        Negatives = 2,
        Steps = 3,
        CheckpointEvery = 100,
    };

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(3, 2, 1)]
    [InlineData(2, 3, 4)]
    [InlineData(4, 4, 2)]
    [InlineData(2, 5, 3)]
    public void Aborted_between_two_updates_it_goes_on_with_another_number_of_workers(int before, int updates, int after)
    {
        using var trial = new ElasticTrial(_config);
        trial.Run(before, epoch: 1, abortAt: updates, aborted: [.. Enumerable.Range(0, before)]);

        // An update that is nearly done may still be committed, and one whose sums had not come may not.
        Assert.All(trial.Replicas.Take(before), replica => Assert.InRange(replica.Updates, updates - 1, updates + 1));

        // Those who lag or were not there receive the state of the furthest.
        trial.Send(trial.Furthest(Enumerable.Range(0, before)), [.. Enumerable.Range(0, after)]);
        trial.Run(after, epoch: 2);
        trial.AssertFinishedAsUndisturbed(after);
        Assert.Equal(["loss_adv", "loss_contra", "loss_d", "loss_g"], trial.Folder.Reports[^1].Metrics.Keys.Where(name => name.StartsWith("loss", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_peer_that_leaves_leaves_the_others_at_a_commit_from_which_they_go_on()
    {
        using var trial = new ElasticTrial(_config);
        var errors = trial.Run(3, epoch: 1, abortAt: 3, aborted: [2]);
        Assert.Contains("test/cpu2", errors[..2].Select(error => Assert.IsType<PeerLostException>(error).Member));
        Assert.IsAssignableFrom<OperationCanceledException>(errors[2]);
        Assert.All(trial.Replicas.Take(3), replica => Assert.InRange(replica.Updates, 2, 4));

        trial.Send(trial.Furthest([0, 1]), [0, 1]);
        trial.Run(2, epoch: 2);
        trial.AssertFinishedAsUndisturbed(2);
    }

    [Fact]
    public void The_checkpoint_of_the_last_step_is_written_by_whoever_comes_after_it()
    {
        using var trial = new ElasticTrial(_config);
        trial.Run(2, epoch: 1, abortAt: 5, aborted: [0, 1]);
        trial.Send(trial.Furthest([0, 1]), [0, 1]);
        trial.Run(2, epoch: 2);
        var written = trial.Folder.Written.Single();

        // As if that checkpoint had not been proposed: the next rank 0 writes it, with the losses and the picture.
        trial.Folder.Written.Clear();
        trial.Send(1, [3]);
        trial.Run(1, epoch: 3, first: 3);
        var again = trial.Folder.Written.Single();
        Assert.Equal((3, 3u, written.Manifest.StateSha256), (again.Manifest.Step, again.Manifest.Epoch, again.Manifest.StateSha256));
        foreach (var metric in (string[])["loss_d", "loss_g", "diversity"])
        {
            Assert.Equal(written.Manifest.Metrics[metric], again.Manifest.Metrics[metric]);
        }
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    public void Random_joins_and_leaves_end_with_the_hash_of_the_undisturbed_run(int data, int negatives)
    {
        using var trial = new ElasticTrial(_config with { DataShards = data, NegativeShards = negatives });
        RunSchedules(trial, 50);
    }

    [Theory]
    [InlineData("paired", 12)]
    [InlineData("unpaired", 5)]
    [InlineData("cycle", 5)]
    public void So_they_do_in_the_middle_of_a_step_of_any_other_task(string task, int schedules)
    {
        var (config, data) = _others[task];
        using var trial = new ElasticTrial(config, data);
        Assert.Equal(config.UpdatesPerStep * config.Steps, trial.Hashes.Keys.Max());
        RunSchedules(trial, schedules);
    }

    private static void RunSchedules(ElasticTrial trial, int count)
    {
        for (var seed = 0; seed < count; seed++)
        {
            new ElasticSchedule(trial, seed).Run();
        }
    }
}
