using DivCo.Cluster.Devices;
using DivCo.Cluster.Tests.Sweeps;
using DivCo.Cluster.Trials;
using DivCo.Cluster.Workers;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Tests.Trials;

public sealed class TrialLifecycleTests
{
    private static readonly Lease _lease = new("plan-x/0", 1, [Device("a/cpu0"), Device("b/cpu0")]);

    [Fact]
    public void The_epoch_grows_with_every_quorum_and_with_every_run()
    {
        var state = TrialLifecycle.Form(TrialLifecycle.Take(new TrialState(), Order(run: 1)), _lease, null, "");
        Assert.Equal(1u, state.Epoch);
        state = TrialLifecycle.Take(state with { Phase = TrialPhase.Stopped, Lease = null }, Order(run: 2, Specs.Checkpoint(10, 1, epoch: 4)));
        Assert.Equal((TrialPhase.Queued, 4u), (state.Phase, state.Epoch));
        Assert.Equal(5u, TrialLifecycle.Form(state, _lease, null, "").Epoch);
    }

    [Fact]
    public void A_repeated_order_wakes_nothing_and_an_older_one_is_passed_over()
    {
        var ended = TrialLifecycle.Take(new TrialState(), Order(run: 2)) with { Phase = TrialPhase.Succeeded };
        Assert.Equal(TrialPhase.Succeeded, TrialLifecycle.Take(ended, Order(run: 2)).Phase);
        Assert.Same(ended, TrialLifecycle.Take(ended, Order(run: 1)));
        Assert.Same(ended, TrialLifecycle.Take(ended, Order(run: 2)));
    }

    [Theory]
    [InlineData(WorkerPhase.Completed, WorkerPhase.Completed, TrialPhase.Succeeded)]
    [InlineData(WorkerPhase.Stopped, WorkerPhase.Stopped, TrialPhase.Stopped)]
    [InlineData(WorkerPhase.PeerLost, WorkerPhase.Running, TrialPhase.Queued)]
    [InlineData(WorkerPhase.Failed, WorkerPhase.PeerLost, TrialPhase.Queued)]
    [InlineData(WorkerPhase.Completed, null, TrialPhase.Queued)]
    [InlineData(WorkerPhase.Idle, WorkerPhase.Running, TrialPhase.Queued)]
    public void What_workers_say_decides_what_follows(WorkerPhase first, WorkerPhase? second, TrialPhase after)
    {
        var state = TrialLifecycle.Watch(Running(), new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(first), ["b/cpu0"] = second is { } phase ? Status(phase) : null });
        Assert.Equal((TrialPhase.Disbanding, after), (state.Phase, state.After));
        Assert.NotEmpty(state.Reason);
    }

    [Fact]
    public void Nothing_follows_while_all_run_or_the_last_ones_finish()
    {
        var running = Running();
        Assert.Same(running, TrialLifecycle.Watch(running, new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(WorkerPhase.Running), ["b/cpu0"] = Status(WorkerPhase.Running) }));
        Assert.Same(running, TrialLifecycle.Watch(running, new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(WorkerPhase.Completed), ["b/cpu0"] = Status(WorkerPhase.Running) }));
    }

    [Fact]
    public void A_status_of_an_older_epoch_counts_as_a_lost_worker()
    {
        var state = TrialLifecycle.Watch(Running(), new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(WorkerPhase.Running) with { Epoch = 0 }, ["b/cpu0"] = Status(WorkerPhase.Running) });
        Assert.Equal(TrialPhase.Queued, state.After);
        Assert.Contains("a/cpu0", state.Reason);
    }

    [Fact]
    public void The_third_failure_of_a_worker_fails_the_trial_but_lost_silos_never_do()
    {
        var state = Running();
        for (var i = 0; i < 10; i++)
        {
            state = Running(TrialLifecycle.Watch(state, new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = null, ["b/cpu0"] = Status(WorkerPhase.PeerLost) }));
        }

        for (var i = 1; i < TrialLifecycle.MaxFailures; i++)
        {
            state = Running(TrialLifecycle.Watch(state, new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(WorkerPhase.Failed), ["b/cpu0"] = null }));
            Assert.Equal(TrialPhase.Queued, state.After);
        }

        Assert.Equal(TrialPhase.Failed, TrialLifecycle.Watch(state, new Dictionary<string, WorkerStatus?> { ["a/cpu0"] = Status(WorkerPhase.Failed), ["b/cpu0"] = null }).After);
    }

    [Fact]
    public void Proposals_stay_until_the_ledger_shows_them()
    {
        var state = Running() with { Proposals = [Specs.Checkpoint(10, 1), Specs.Checkpoint(20, 1)] };
        Assert.Equal([20], TrialLifecycle.Take(state, Order(run: 1, Specs.Checkpoint(10, 1))).Proposals.Select(proposal => proposal.Step));
        Assert.Equal([20], TrialLifecycle.Take(state, Order(run: 2, Specs.Checkpoint(10, 1))).Proposals.Select(proposal => proposal.Step));
    }

    private static TrialState Running(TrialState? from = null) => (from ?? new TrialState { Order = Order(run: 1), Epoch = 1 }) with { Phase = TrialPhase.Running, Lease = _lease };

    private static WorkerStatus Status(WorkerPhase phase) => phase == WorkerPhase.Idle ? WorkerStatus.Idle : new WorkerStatus("plan-x/0", 1, phase, "its reason");

    private static TrialOrder Order(int run, params CheckpointEntry[] checkpoints) => new(run, "hash", new TrialSpec(), 2, false, checkpoints, "all_shards");

    private static Cluster.Devices.Device Device(string id) => new(id, id.Split('/')[0], "cpu", new Uri("http://127.0.0.1:1"), "1");
}
