using CsCheck;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Sweeps;

public sealed class SweepPlanTests
{
    private static CoordinatorState Begun(int maxTrials = 6, int maxConcurrent = 2, int maxFailed = 2) =>
        SweepPlan.Next(SweepPlan.Begin(Specs.Random(maxTrials, maxConcurrent, maxFailed), DateTimeOffset.UnixEpoch));

    [Fact]
    public void Draws_as_many_trials_as_may_run_at_once()
    {
        var state = Begun();
        Assert.Equal([0, 1], state.Trials.Select(trial => trial.Index));
        Assert.Same(state.Trials, SweepPlan.Next(state).Trials.Count == 2 ? state.Trials : null);
    }

    [Fact]
    public void An_ended_trial_makes_room_for_the_next()
    {
        var state = SweepPlan.Next(SweepPlan.Fold(Begun(), Reports((0, TrialPhase.Succeeded), (1, TrialPhase.Running))));
        Assert.Equal([TrialPhase.Succeeded, TrialPhase.Running, TrialPhase.Queued], state.Trials.Select(trial => trial.Phase));
    }

    [Fact]
    public void Every_trial_is_run_once_whatever_the_order_of_ends()
    {
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var state = Begun(maxTrials: 9, maxConcurrent: 3, maxFailed: 100);
                for (var turn = 0; turn < 100 && !state.Phase.HasEnded(); turn++)
                {
                    var active = state.Trials.Where(trial => !trial.Phase.HasEnded()).ToList();
                    Assert.InRange(active.Count, 1, 3);
                    var chosen = active[(seed + (turn * 7919)) % active.Count];
                    state = SweepPlan.Next(SweepPlan.Fold(state, Reports((chosen.Index, turn % 4 == 3 ? TrialPhase.Failed : TrialPhase.Succeeded))));
                }

                Assert.Equal(SweepPhase.Succeeded, state.Phase);
                Assert.Equal(Enumerable.Range(0, 9), state.Trials.Select(trial => trial.Index));
            },
            iter: 200);
    }

    [Fact]
    public void Too_many_failures_stop_the_rest_and_say_so()
    {
        var state = SweepPlan.Next(SweepPlan.Fold(Begun(maxConcurrent: 3, maxFailed: 1), Reports((0, TrialPhase.Failed), (1, TrialPhase.Failed))));
        Assert.Equal(SweepPhase.Stopping, state.Phase);
        Assert.True(state.Trials[2].Stop);
        state = SweepPlan.Next(SweepPlan.Fold(state, Reports((2, TrialPhase.Stopped))));
        Assert.Equal(SweepPhase.Failed, state.Phase);
        Assert.Contains("limits.max_failed", state.Reason);
        Assert.Equal(3, state.Trials.Count);
    }

    [Fact]
    public void Stop_ends_when_every_trial_has_stopped_and_resume_runs_them_again()
    {
        var state = SweepPlan.Next(SweepPlan.Stop(Begun(), "stopped, as asked"));
        Assert.Equal(SweepPhase.Stopping, state.Phase);
        Assert.All(state.Trials, trial => Assert.True(trial.Stop));
        state = SweepPlan.Next(SweepPlan.Fold(state, Reports((0, TrialPhase.Stopped), (1, TrialPhase.Succeeded))));
        Assert.Equal(SweepPhase.Stopped, state.Phase);

        state = SweepPlan.Next(SweepPlan.Resume(state, null));
        Assert.Equal(SweepPhase.Running, state.Phase);
        Assert.Equal((2, TrialPhase.Queued, false), (state.Trials[0].Run, state.Trials[0].Phase, state.Trials[0].Stop));
        Assert.Equal((1, TrialPhase.Succeeded), (state.Trials[1].Run, state.Trials[1].Phase));
        Assert.Equal(3, state.Trials.Count);
    }

    [Fact]
    public void A_sweep_whose_only_trial_was_stopped_did_not_succeed()
    {
        var state = SweepPlan.StopTrial(Begun(maxTrials: 1), 0);
        Assert.True(state.Trials[0].Stop);
        Assert.Equal(SweepPhase.Stopped, SweepPlan.Next(SweepPlan.Fold(state, Reports((0, TrialPhase.Stopped)))).Phase);
    }

    [Fact]
    public void One_trial_of_a_stopped_sweep_is_resumed_alone()
    {
        var stopped = SweepPlan.Next(SweepPlan.Fold(SweepPlan.Stop(Begun(), "stopped, as asked"), Reports((0, TrialPhase.Stopped), (1, TrialPhase.Stopped))));
        Assert.Null(SweepPlan.Unresumable(stopped, 1));
        var state = SweepPlan.Next(SweepPlan.Resume(stopped, 1));
        Assert.Equal((SweepPhase.Running, 2), (state.Phase, state.Trials.Count));
        Assert.Equal([TrialPhase.Stopped, TrialPhase.Queued], state.Trials.Select(trial => trial.Phase));
        state = SweepPlan.Fold(state, new Dictionary<int, TrialReport> { [1] = Specs.Report(TrialPhase.Succeeded, run: 2) });
        Assert.Equal(SweepPhase.Stopped, SweepPlan.Next(state).Phase);
    }

    [Fact]
    public void What_is_still_stopping_or_running_is_not_resumed()
    {
        Assert.NotNull(SweepPlan.Unresumable(SweepPlan.Stop(Begun(), "stopped, as asked"), null));
        Assert.NotNull(SweepPlan.Unresumable(Begun(), 0));
    }

    [Fact]
    public void Folders_that_no_ledger_knows_are_doomed_once()
    {
        var state = SweepPlan.Fold(Begun(), new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Succeeded, 1, Specs.Checkpoint(10, 1)) });
        DoomedCheckpoint[] found = [new(0, "step-000010-e1"), new(0, "step-000005-e1")];
        var doomed = SweepPlan.Doom(state, found);
        Assert.Equal([found[1]], doomed.Doomed);
        Assert.Same(doomed, SweepPlan.Doom(doomed, found));
    }

    [Fact]
    public void A_report_of_an_older_run_changes_nothing()
    {
        var state = SweepPlan.Resume(SweepPlan.Fold(Begun(), Reports((0, TrialPhase.Stopped))), 0);
        var folded = SweepPlan.Fold(state, Reports((0, TrialPhase.Stopped)));
        Assert.Equal(TrialPhase.Queued, folded.Trials[0].Phase);
    }

    [Fact]
    public void Dropped_checkpoints_are_doomed_in_the_same_record()
    {
        var proposals = new[] { Specs.Checkpoint(10, 1), Specs.Checkpoint(20, 5), Specs.Checkpoint(30, 4), Specs.Checkpoint(40, 3) };
        var state = SweepPlan.Fold(Begun(), new Dictionary<int, TrialReport> { [0] = Specs.Report(TrialPhase.Running, 1, proposals) });
        Assert.Equal([10, 30, 40], state.Trials[0].Checkpoints.Select(entry => entry.Step));
        Assert.Equal([new DoomedCheckpoint(0, proposals[1].Name)], state.Doomed);
        Assert.True(SweepPlan.IsDecision(Begun(), state));
    }

    private static Dictionary<int, TrialReport> Reports(params (int Index, TrialPhase Phase)[] trials) =>
        trials.ToDictionary(trial => trial.Index, trial => Specs.Report(trial.Phase));
}
