using DivCo.Cluster.Devices;
using DivCo.Cluster.Tests.Sweeps;
using DivCo.Cluster.Trials;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Tests.Trials;

public sealed class TrialLifecycleTests
{
    private static readonly Lease _lease = new("plan-x/0", 1, [new("a/cpu0", "a", "cpu", new Uri("http://127.0.0.1:1"), "1")]);

    [Fact]
    public void A_new_run_begins_afresh_but_its_epochs_go_on_counting()
    {
        var state = TrialLifecycle.Lease(TrialLifecycle.Take(new TrialState(), Order(run: 1)), _lease);
        state = state with { Quorum = state.Quorum with { Epoch = 3, Phase = QuorumPhase.Running, Failures = 2 } };
        var next = TrialLifecycle.Take(state with { Phase = TrialPhase.Stopped, Lease = null }, Order(run: 2, Specs.Checkpoint(10, 1, epoch: 4)));
        Assert.Equal((TrialPhase.Queued, 4u, QuorumPhase.Idle, 0), (next.Phase, next.Quorum.Epoch, next.Quorum.Phase, next.Quorum.Failures));
    }

    [Fact]
    public void A_repeated_order_wakes_nothing_and_an_older_one_is_passed_over()
    {
        var ended = TrialLifecycle.Take(new TrialState(), Order(run: 2)) with { Phase = TrialPhase.Succeeded };
        Assert.Same(ended, TrialLifecycle.Take(ended, Order(run: 2)));
        Assert.Same(ended, TrialLifecycle.Take(ended, Order(run: 1)));
    }

    [Fact]
    public void Proposals_stay_until_the_ledger_shows_them()
    {
        var state = Running() with { Proposals = [Specs.Checkpoint(10, 1), Specs.Checkpoint(20, 1)] };
        Assert.Equal([20], TrialLifecycle.Take(state, Order(run: 1, Specs.Checkpoint(10, 1))).Proposals.Select(proposal => proposal.Step));
        Assert.Equal([20], TrialLifecycle.Take(state, Order(run: 2, Specs.Checkpoint(10, 1))).Proposals.Select(proposal => proposal.Step));
    }

    [Fact]
    public void A_trial_that_lost_its_devices_keeps_its_quorum()
    {
        var state = Running();
        var queued = TrialLifecycle.Requeue(state, "the lease is over");
        Assert.Equal((TrialPhase.Queued, (Lease?)null), (queued.Phase, queued.Lease));
        Assert.Same(state.Quorum, queued.Quorum);
        Assert.Equal(TrialPhase.Running, TrialLifecycle.Lease(queued, _lease).Phase);
    }

    [Fact]
    public void Each_change_of_phase_has_one_of_few_causes_and_a_run_keeps_the_trace_of_its_order()
    {
        var traced = TrialLifecycle.Take(new TrialState(), Order(run: 1) with { Trace = "00-1-2-01" });
        Assert.Equal(("00-1-2-01", "ordered"), (traced.Trace, TrialLifecycle.Cause(new TrialState(), traced)));
        var running = TrialLifecycle.Lease(traced, _lease);
        Assert.Equal("leased", TrialLifecycle.Cause(traced, running));
        Assert.Equal("lease_lost", TrialLifecycle.Cause(running, TrialLifecycle.Requeue(running, "lost")));
        Assert.Equal("asked", TrialLifecycle.Cause(running, TrialLifecycle.StopWaiting(running)));
        Assert.Equal("failures", TrialLifecycle.Cause(running, running with { Phase = TrialPhase.Failed }));
        Assert.Equal("ordered", TrialLifecycle.Cause(running, TrialLifecycle.Take(running, Order(run: 2))));
    }

    [Theory]
    [InlineData(QuorumMemberPhase.Completed, TrialPhase.Succeeded)]
    [InlineData(QuorumMemberPhase.Stopped, TrialPhase.Stopped)]
    public void A_finished_quorum_ends_the_trial_as_its_members_did(QuorumMemberPhase member, TrialPhase end)
    {
        var state = Running();
        var decision = new QuorumDecision(state.Quorum with { Phase = QuorumPhase.Finished }, [], [], "finished 100 steps");
        Assert.Equal((end, "finished 100 steps"), (TrialLifecycle.Follow(state, decision, member).Phase, TrialLifecycle.Follow(state, decision, member).Reason));
    }

    [Fact]
    public void The_third_failure_of_a_worker_fails_the_trial_and_says_why()
    {
        var state = Running();
        for (var failures = 1; failures <= TrialLifecycle.MaxFailures; failures++)
        {
            var next = TrialLifecycle.Follow(state, new QuorumDecision(state.Quorum with { Failures = failures }, [], [], "a/cpu0: out of memory"), null);
            Assert.Equal(failures < TrialLifecycle.MaxFailures ? TrialPhase.Running : TrialPhase.Failed, next.Phase);
            Assert.Contains("out of memory", next.Reason);
        }
    }

    [Fact]
    public void A_stop_ends_a_trial_that_cannot_write_without_waiting_for_a_checkpoint()
    {
        var state = Running();
        var paused = new QuorumDecision(state.Quorum, [], [], "paused") { Obstacle = "cannot write /results: No space left on device" };
        Assert.Same(state, TrialLifecycle.Follow(state, paused, null));
        var stopped = TrialLifecycle.Follow(state with { Order = state.Order! with { Stop = true } }, paused, null);
        Assert.Equal(TrialPhase.Stopped, stopped.Phase);
        Assert.Contains("while it cannot write /results: No space left on device", stopped.Reason);
    }

    [Fact]
    public void Nothing_is_written_where_nothing_is_decided()
    {
        var state = Running();
        Assert.Same(state, TrialLifecycle.Follow(state, new QuorumDecision(state.Quorum, [], [], "trains on"), null));
    }

    private static TrialState Running() =>
        TrialLifecycle.Lease(new TrialState { Order = Order(run: 1), Quorum = new QuorumState { Epoch = 1, Phase = QuorumPhase.Running } }, _lease);

    private static TrialOrder Order(int run, params CheckpointEntry[] checkpoints) => new(run, "hash", new TrialSpec(), new Resources { Workers = 1 }, false, checkpoints);
}
