using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests;

public sealed class TrainingLoopTests
{
    [Fact]
    public void Reports_checkpoints_and_pictures_come_when_they_are_due()
    {
        using var folder = new TrainingFolder();
        var outcome = folder.Run(TestTrials.Config(2) with { Steps = 5, ReportEvery = 2, CheckpointEvery = 3 }, 2);

        Assert.Equal(new TrainingOutcome(5, Stopped: false), outcome);
        Assert.Equal([2, 4, 5], folder.Reports.Select(report => report.Step));
        Assert.Equal([3, 5], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
        Assert.Equal(["step-000003.png", "step-000005.png"], Directory.GetFiles(folder.Samples).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["loss_adv", "loss_contra", "loss_d", "loss_g", "samples_per_s"], folder.Reports[0].Metrics.Keys.Order(StringComparer.Ordinal));
        var metrics = folder.Written[^1].Manifest.Metrics;
        Assert.InRange(metrics["diversity"], 1e-6, 2);
        Assert.Equal(folder.Reports[^1].Metrics["loss_g"], metrics["loss_g"]);
        Assert.Equal(metrics["loss_adv"] + (0.7 * metrics["loss_contra"]), metrics["loss_g"], 1e-6);
        Assert.InRange(metrics["samples_per_s"], 1e-3, 1e9);
    }

    [Fact]
    public void A_checkpoint_holds_every_tensor_by_name_and_its_hash_is_that_of_the_file()
    {
        using var folder = new TrainingFolder();
        folder.Run(TestTrials.Config() with { Steps = 1 }, 1);
        Assert.Equal(folder.Written[0].Manifest.WeightsSha256, folder.FileHash("weights.safetensors"));
        var snapshot = folder.Checkpoints.Load(folder.Written[0].Path, TrainingFolder.TrialHash);
        string[] some =
        [
            "discriminator.encoder_head.weight", "discriminator.layer2.norm.running_var", "generator.layer1.weight", "generator.layer3.norm.running_mean",
        ];
        Assert.Superset(some.ToHashSet(), snapshot.Weights.Select(record => record.Name).ToHashSet());
        Assert.Contains(snapshot.Moments, record => record.Name == "generator.layer1.weight.exp_avg_sq");
        Assert.DoesNotContain(snapshot.Moments, record => record.Name.Contains("encoder_head", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 2)]
    public void Resumed_on_other_workers_it_ends_as_if_undisturbed(int before, int after)
    {
        var config = TestTrials.Config(4) with { Steps = 5, CheckpointEvery = 2 };
        using var undisturbed = new TrainingFolder();
        undisturbed.Run(config, 2);

        using var folder = new TrainingFolder();
        folder.Run(config with { Steps = 2 }, before);
        var outcome = folder.Run(config, after, resumeFrom: folder.Written[^1].Path);
        Assert.Equal(5, outcome.Step);
        Assert.Equal(undisturbed.StateHash, folder.StateHash);
        Assert.Equal(undisturbed.Written[^1].Manifest.WeightsSha256, folder.Written[^1].Manifest.WeightsSha256);
        Assert.Equal(undisturbed.Written[^1].Manifest.Metrics["diversity"], folder.Written[^1].Manifest.Metrics["diversity"]);
    }

    [Fact]
    public void A_requested_stop_ends_all_ranks_after_the_same_step_with_a_checkpoint_to_go_on_from()
    {
        var config = TestTrials.Config(4) with { Steps = 6, CheckpointEvery = 100 };
        using var undisturbed = new TrainingFolder();
        undisturbed.Run(config, 1);

        using var folder = new TrainingFolder();
        var outcome = folder.Run(config, 3, stop: () => folder.Reports.Count == 2);
        Assert.Equal(new TrainingOutcome(3, Stopped: true), outcome);
        Assert.Equal(3, folder.Written.Single().Manifest.Step);

        folder.Run(config, 2, resumeFrom: folder.Written[^1].Path);
        Assert.Equal(undisturbed.StateHash, folder.StateHash);
    }

    [Fact]
    public void A_finished_trial_that_is_resumed_is_left_as_it_is()
    {
        using var folder = new TrainingFolder();
        var config = TestTrials.Config() with { Steps = 1 };
        folder.Run(config, 1);
        var outcome = folder.Run(config, 1, resumeFrom: folder.Written[0].Path);
        Assert.Equal(new TrainingOutcome(1, Stopped: false), outcome);
        Assert.Single(folder.Written);
    }

    [Fact]
    public void The_checkpoint_of_another_trial_is_refused()
    {
        using var folder = new TrainingFolder();
        var config = TestTrials.Config() with { Steps = 1 };
        folder.Run(config, 1);
        using var replica = folder.Replica(config);
        var error = Assert.Throws<CheckpointException>(() => replica.Load(folder.Checkpoints, folder.Written[0].Path, new string('f', 64)));
        Assert.Equal(CheckpointFault.Foreign, error.Fault);
    }

    [Fact]
    public void An_abort_ends_it()
    {
        using var folder = new TrainingFolder();
        using var abort = new CancellationTokenSource();
        using var replica = folder.Replica(TestTrials.Config());
        var steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Ranks.Run(1, communicator => TrainingLoop.Run(
            folder.Rank(replica, communicator) with { Report = report => Abort(report.Step) }, abort.Token)));
        Assert.Equal((1, 1), (steps, replica.Step));

        void Abort(int step)
        {
            steps = step;
            abort.Cancel();
        }
    }

    [Fact]
    public void An_unknown_task_and_a_data_set_of_another_size_are_refused_by_name()
    {
        using var folder = new TrainingFolder();
        var config = TestTrials.Config();
        Assert.Contains("trial.task: \"pair\"", Refuse(config with { Task = "pair" }), StringComparison.Ordinal);
        Assert.Contains("image_size 64", Refuse(config with { Model = config.Model with { ImageSize = 64 } }), StringComparison.Ordinal);

        string Refuse(TrainingConfig wrong) => Assert.Throws<TrainingConfigException>(() => folder.Run(wrong, 1)).Message;
    }

    [Fact]
    public void A_checkpoint_of_other_data_is_refused_with_both_hashes()
    {
        using var folder = new TrainingFolder();
        folder.Run(TestTrials.Config(), 1);
        using var replica = new TrainingReplica(TestTrials.Config(), DivCo.Training.Data.Modes.Create(32, 1, DivCo.Training.Data.Split.Test));
        var refusal = Assert.Throws<CheckpointException>(() => replica.Load(folder.Checkpoints, folder.Written[^1].Name, TrainingFolder.TrialHash));
        Assert.Equal(CheckpointFault.Foreign, refusal.Fault);
        Assert.Contains($"was trained on modes with SHA-256 {TestTrials.Modes.Sha256}, but this machine's has {replica.Dataset.Sha256}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, replica.Updates);
    }
}
