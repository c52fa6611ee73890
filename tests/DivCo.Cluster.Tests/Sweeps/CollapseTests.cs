using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Tests.Sweeps;

public sealed class CollapseTests
{
    private static readonly TrialSpec _trial = new() { Negatives = 10, BatchSize = 32, ContrastiveReduction = "mean" };

    [Fact]
    public void A_healthy_course_is_none()
    {
        // As a run on Fashion-MNIST has it: diversity rises and wavers, the discriminator leads, the margin grows.
        var watch = Taken([.. Enumerable.Range(1, 30).Select(i => Figures(i * 50, 0.05 + (0.04 * Math.Sin(i)), 0.3 + (0.25 * Math.Cos(i)), 2.397 - (0.05 * i)))]);
        Assert.Null(watch.Found);
        Assert.Equal(3, watch.Window.Count);
    }

    [Fact]
    public void One_image_for_all_latents_is_found_after_three_checkpoints_and_not_before_a_hundred_steps()
    {
        Assert.Null(Taken(Figures(20, 1e-7), Figures(40, 1e-7), Figures(60, 1e-7), Figures(80, 1e-3)).Found);
        Assert.Null(Taken(Figures(100, 1e-7), Figures(150, 1e-7)).Found);
        var found = Taken(Figures(100, 1e-7), Figures(150, 1e-7), Figures(200, 2e-7)).Found!;
        Assert.Equal(200, found.Step);
        Assert.Contains("the images of a condition are one image: sample variance 2e-7", found.Reason, StringComparison.Ordinal);
        Assert.Equal(2e-7, found.Evidence["sample_variance"]);
    }

    [Fact]
    public void Lost_diversity_lost_margin_and_a_saturated_discriminator_are_told_apart()
    {
        Assert.Contains("have become alike", Reason(Figures(100, 0.1), Figures(200, 0.004), Figures(300, 0.003), Figures(400, 0.002)), StringComparison.Ordinal);
        Assert.Contains(
            "no longer told from negatives",
            Reason(Figures(100, 0.1, contrast: 1.5), Figures(200, 0.1, contrast: 2.39), Figures(300, 0.1, contrast: 2.395), Figures(400, 0.1, contrast: 2.3978)),
            StringComparison.Ordinal);
        Assert.Contains(
            "tells every image apart",
            Reason(Figures(100, 0.1), Figures(200, 0.04, lossD: 0.005), Figures(300, 0.04, lossD: 0.002), Figures(400, 0.03, lossD: 0.005)),
            StringComparison.Ordinal);
        Assert.Contains(
            "the discriminator has won: loss 2e-5",
            Reason(Figures(100, 0.1, lossD: 1e-4), Figures(200, 0.1, lossD: 1e-5), Figures(300, 0.1, lossD: 2e-5)),
            StringComparison.Ordinal);

        // A discriminator that leads while diversity stays is no collapse.
        Assert.Null(Taken(Figures(100, 0.1, lossD: 0.005), Figures(200, 0.1, lossD: 0.005), Figures(300, 0.09, lossD: 0.005)).Found);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_found_at_once()
    {
        Assert.Contains("loss_d is no number any more", Reason(Figures(10, 0.1, lossD: double.NaN)), StringComparison.Ordinal);
        Assert.Contains("sample_variance is no number any more", Reason(Figures(10, double.NaN)), StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoints_that_are_proposed_again_change_nothing()
    {
        CheckpointEntry[] course = [Figures(100, 0.1), Figures(200, 1e-7), Figures(300, 1e-7)];
        var watch = Taken(course);
        Assert.Same(watch, watch.Take(course, _trial));
        Assert.Equal(watch.Window, new CollapseWatch().Take([.. course.Reverse()], _trial).Window);
    }

    [Theory]
    [InlineData(SweepSpecRules.ReportCollapse, false, false)]
    [InlineData(SweepSpecRules.StopOnCollapse, true, false)]
    [InlineData(SweepSpecRules.RestartOnCollapse, true, true)]
    public void The_policy_decides_what_is_done_once(string policy, bool stops, bool restarts)
    {
        var state = Collapsed(policy);
        Assert.Equal((stops, restarts), (state.Trials[0].Stop, state.Trials[0].Restarting));
        Assert.NotNull(state.Trials[0].Collapse.Found);

        // A person who resumes it is not stopped again for the same collapse.
        var ended = SweepPlan.Fold(state, new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Stopped) });
        Assert.Equal(restarts ? TrialPhase.Queued : TrialPhase.Stopped, ended.Trials[0].Phase);
        if (!restarts)
        {
            var resumed = SweepPlan.Fold(SweepPlan.Resume(ended, 0), new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Running, run: 2) });
            Assert.False(resumed.Trials[0].Stop);
        }
    }

    [Fact]
    public void A_restart_begins_with_another_seed_and_without_the_old_checkpoints_and_ends_after_three()
    {
        var state = Collapsed(SweepSpecRules.RestartOnCollapse);
        var (before, hashes) = (state.Trials[0], new HashSet<string> { TrialHash.Of(SweepPlan.Resolve(state.Spec!, state.Trials[0])) });
        for (var restart = 1; restart <= CollapsePolicy.MaxRestarts; restart++)
        {
            state = SweepPlan.Fold(state, new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Stopped, run: restart) });
            var trial = state.Trials[0];
            Assert.Equal((restart, restart + 1, false, 0), (trial.Restarts, trial.Run, trial.Stop, trial.Checkpoints.Count));
            Assert.Null(trial.Collapse.Found);
            Assert.True(hashes.Add(TrialHash.Of(SweepPlan.Resolve(state.Spec!, trial))));
            Assert.All(before.Checkpoints, entry => Assert.Contains(new DoomedCheckpoint(0, entry.Name), state.Doomed));
            state = Collapse(state, run: restart + 1);
        }

        Assert.Equal((true, false), (state.Trials[0].Stop, state.Trials[0].Restarting));
        state = SweepPlan.Fold(state, new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Stopped, run: 4) });
        Assert.Equal(TrialPhase.Stopped, state.Trials[0].Phase);
    }

    [Fact]
    public void A_sweep_that_is_stopped_begins_nothing_anew()
    {
        var state = SweepPlan.Fold(
            SweepPlan.Stop(Collapsed(SweepSpecRules.RestartOnCollapse), "stopped, as asked"), new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Stopped) });
        Assert.Equal((TrialPhase.Stopped, 0, false), (state.Trials[0].Phase, state.Trials[0].Restarts, state.Trials[0].Restarting));
    }

    private static CoordinatorState Collapsed(string policy)
    {
        var spec = Specs.Random();
        spec.OnCollapse = policy;
        return Collapse(SweepPlan.Next(SweepPlan.Begin(spec, DateTimeOffset.UnixEpoch)), run: 1);
    }

    private static CoordinatorState Collapse(CoordinatorState state, int run) => SweepPlan.Fold(
        state, new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Running, run, Figures(100, 1e-7), Figures(150, 1e-7), Figures(200, 1e-7)) });

    private static string Reason(params CheckpointEntry[] course) => Taken(course).Found!.Reason;

    private static CollapseWatch Taken(params CheckpointEntry[] course) =>
        course.Aggregate(new CollapseWatch(), (watch, checkpoint) => watch.Take([checkpoint], _trial));

    private static CheckpointEntry Figures(int step, double variance, double lossD = 0.7, double contrast = 1.5) => Specs.Checkpoint(step, 1) with
    {
        Metrics = new Dictionary<string, double> { ["loss_g"] = 1, ["loss_d"] = lossD, ["loss_contra"] = contrast, ["sample_variance"] = variance, ["kernel_distance"] = double.NaN },
    };
}
