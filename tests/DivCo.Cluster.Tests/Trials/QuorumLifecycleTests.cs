using DivCo.Cluster.Devices;
using DivCo.Cluster.Tests.Sweeps;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials;

public sealed class QuorumLifecycleTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Device _a = Of("a");
    private static readonly Device _b = Of("b");
    private static readonly Device _c = Of("c");
    private static readonly QuorumCommit _seven = new(4, 7, "77");

    [Fact]
    public void A_loss_halts_everybody_for_the_next_epoch_and_gives_the_dead_device_back()
    {
        var decision = Next(Running(_a, _b), Sees([_a, _b], lost: "b/cpu0", reports: [(_a, Says(QuorumMemberPhase.Running, 4))]));

        Assert.Equal((5u, QuorumPhase.Halting, "b/cpu0 was lost"), (decision.State.Epoch, decision.State.Phase, decision.State.Reason));
        Assert.Equal([new Halt(_a, 5)], decision.Commands);
        Assert.Equal([_b], decision.Release);
        Assert.Equal(QuorumCause.Lost, decision.Cause);
    }

    [Fact]
    public void Nobody_is_chosen_before_all_who_can_have_answered_or_the_deadline_passed()
    {
        var view = Sees([_a, _b], reports: [(_a, Holds(_seven))]);
        var early = Next(Halting(_a, _b), view);
        Assert.Equal([new Halt(_b, 5)], early.Commands);
        Assert.Contains("waits for b/cpu0", early.Reason);
        Assert.Same(early.State, Next(early.State, view).State);

        var late = Next(early.State, view with { Now = _now + QuorumTimeouts.Default.Halt });
        Assert.Equal((QuorumPhase.Syncing, _seven), (late.State.Phase, late.State.Source!.Commit));
        Assert.Equal([_a], late.State.Members);
        Assert.Contains("without b/cpu0", late.State.Reason);
    }

    [Fact]
    public void Who_was_silent_before_is_not_waited_for()
    {
        var view = Sees([_a, _b], reports: [(_a, Holds(_seven)), (_b, Says(QuorumMemberPhase.Running, 4))]);
        Assert.Equal(QuorumPhase.Halting, Next(Halting(_a, _b), view).State.Phase);

        var silent = view.Sightings.ToDictionary();
        silent[_b.Id] = silent[_b.Id] with { At = _now - QuorumTimeouts.Default.Silence - TimeSpan.FromSeconds(1) };
        var decision = Next(Halting(_a, _b), view with { Sightings = silent });
        Assert.Equal([_a], decision.State.Members);
        Assert.Contains("without b/cpu0", decision.State.Reason);
    }

    [Fact]
    public void Below_the_minimum_the_trial_waits_and_a_joiner_ends_the_wait()
    {
        var size = new QuorumSize(2, 2);
        var waits = Next(Halting(_a), Sees([_a], reports: [(_a, Holds(_seven))]), size);
        Assert.Equal(QuorumPhase.Halting, waits.State.Phase);
        Assert.Contains("1 of at least 2", waits.Reason);

        var joined = Next(waits.State, Sees([_a, _c], reports: [(_a, Holds(_seven)), (_c, Holds(null))]), size);
        Assert.Equal([_a, _c], joined.State.Members);
        Assert.Equal(_a, joined.State.Source!.Member);
    }

    [Fact]
    public void The_furthest_is_of_the_newest_epoch_not_of_the_highest_count()
    {
        var source = Next(Halting(_a, _b), Sees([_a, _b], reports: [(_a, Holds(new(2, 90, "1"))), (_b, Holds(_seven))])).State.Source!;
        Assert.Equal(_b, source.Member);
    }

    [Fact]
    public void A_member_whose_state_differs_from_the_majority_is_named_and_joins_anew()
    {
        var odd = _seven with { Sha256 = "13" };
        var decision = Next(Halting(_a, _b, _c), Sees([_a, _b, _c], reports: [(_a, Holds(odd)), (_b, Holds(_seven)), (_c, Holds(_seven))]));

        Assert.Equal((_b, _seven, 1), (decision.State.Source!.Member!, decision.State.Source.Commit, decision.State.Failures));
        Assert.Equal([_a, _b, _c], decision.State.Members);
        Assert.Contains("a/cpu0 has 13", decision.State.Reason);
        Assert.Contains("discarded: a/cpu0", decision.State.Reason);
        var joiner = Participant(_a, Holds(odd)).Take(decision.Commands[0]);
        Assert.Equal(QuorumDeed.Receive, joiner.Deed);
    }

    [Fact]
    public void Where_there_is_no_majority_nobody_is_trusted()
    {
        var checkpoint = Durable(2, epoch: 3);
        var view = Sees([_a, _b], reports: [(_a, Holds(_seven with { Sha256 = "13" })), (_b, Holds(_seven))]) with { Durable = checkpoint };
        var decision = Next(Halting(_a, _b), view);

        Assert.Equal(checkpoint, decision.State.Source);
        Assert.Contains("no majority", decision.State.Reason);
        Assert.Contains("a/cpu0", decision.State.Reason);
    }

    [Fact]
    public void A_survivor_is_preferred_to_a_checkpoint_unless_the_checkpoint_is_ahead()
    {
        var view = Sees([_a], reports: [(_a, Holds(_seven))]);
        foreach (var (step, updatesPerStep) in (ReadOnlySpan<(int, int)>)[(3, 2), (7, 1), (1, 5)])
        {
            Assert.Equal(_a, Next(Halting(_a), view with { Durable = Durable(step, epoch: 4, updatesPerStep) }).State.Source!.Member);
            Assert.Null(Next(Halting(_a), view with { Durable = Durable(step + 1, epoch: 4, updatesPerStep) }).State.Source!.Member);
        }

        Assert.Equal(QuorumSource.Beginning, Next(Halting(_a), Sees([_a], reports: [(_a, Holds(null))])).State.Source);
    }

    [Fact]
    public void A_worker_that_leaves_hands_its_state_on_and_is_given_back()
    {
        var leaving = Says(QuorumMemberPhase.Running, 4) with { Leaving = true };
        var begins = Next(Running(_a), Sees([_a, _c], reports: [(_a, leaving), (_c, Says(QuorumMemberPhase.Idle, 0))]));
        Assert.Equal("a/cpu0 leaves", begins.State.Reason);

        var syncs = Next(begins.State, Sees([_a, _c], reports: [(_a, Holds(_seven) with { Leaving = true }), (_c, Holds(null))]));
        Assert.Equal([_c], syncs.State.Members);
        Assert.Equal(_a, syncs.State.Source!.Member);
        Assert.Contains(syncs.Commands, command => command is Prepare { Rank: -1 } && command.Member == _a);

        var ready = Says(QuorumMemberPhase.Ready, 5) with { Commit = _seven };
        var runs = Next(syncs.State, Sees([_a, _c], reports: [(_a, ready with { Leaving = true }), (_c, ready)]));
        Assert.Equal([new Go(_c, 5)], runs.Commands);
        var later = Next(runs.State, Sees([_a, _c], reports: [(_a, ready with { Leaving = true }), (_c, Says(QuorumMemberPhase.Running, 5))]));
        Assert.Equal([_a], later.Release);
    }

    [Fact]
    public void Where_all_leave_they_stop_with_a_checkpoint_and_are_given_back()
    {
        var leaving = Says(QuorumMemberPhase.Running, 4) with { Leaving = true };
        var stops = Next(Running(_a, _b), Sees([_a, _b], reports: [(_a, leaving), (_b, leaving)]));
        Assert.Equal([new RequestStop(_a, 4)], stops.Commands);

        var stopped = leaving with { Phase = QuorumMemberPhase.Stopped };
        Assert.False(Next(stops.State, Sees([_a, _b], reports: [(_a, leaving), (_b, stopped)])).IsVacated);
        var vacated = Next(stops.State, Sees([_a, _b], reports: [(_a, stopped), (_b, stopped)]));
        Assert.Equal((true, QuorumPhase.Idle, 4u), (vacated.IsVacated, vacated.State.Phase, vacated.State.Epoch));

        // A person's stop ends the trial all the same.
        var view = Sees([_a, _b], reports: [(_a, stopped), (_b, stopped)]) with { Stop = true };
        Assert.Equal(QuorumPhase.Finished, Next(stops.State, view).State.Phase);
    }

    [Fact]
    public void Where_the_last_one_leaves_while_a_quorum_forms_it_is_brought_to_a_checkpoint_first()
    {
        var held = Holds(_seven) with { Leaving = true };
        var forms = Next(Halting(_a, _b), Sees([_a, _b], reports: [(_a, held), (_b, Holds(null) with { Leaving = true })]));
        Assert.Equal((QuorumPhase.Syncing, false), (forms.State.Phase, forms.IsVacated));
        Assert.Equal([_a, _b], forms.State.Members);

        Assert.True(Next(Halting(_a), Sees([_a], reports: [(_a, held)]), new QuorumSize(2, 3)).IsVacated, "too few to go on");
        Assert.True(Next(Halting(_a), Sees([_a], reports: [(_a, Holds(null) with { Leaving = true })])).IsVacated, "nothing to keep");
    }

    [Fact]
    public void Nobody_goes_before_all_hold_the_same_state()
    {
        var syncing = Running(_a, _b) with { Phase = QuorumPhase.Syncing, Source = new QuorumSource(_a, null, _seven) };
        var ready = Says(QuorumMemberPhase.Ready, 4) with { Commit = _seven };
        var waits = Next(syncing, Sees([_a, _b], reports: [(_a, ready), (_b, Says(QuorumMemberPhase.Syncing, 4))]));
        Assert.Same(syncing, waits.State);
        Assert.Empty(waits.Commands);
        Assert.Equal(QuorumPhase.Running, Next(syncing, Sees([_a, _b], reports: [(_a, ready), (_b, ready)])).State.Phase);

        var differs = Next(syncing, Sees([_a, _b], reports: [(_a, ready), (_b, ready with { Commit = _seven with { Sha256 = "13" } })]));
        Assert.Equal((5u, QuorumPhase.Halting, 1), (differs.State.Epoch, differs.State.Phase, differs.State.Failures));
        Assert.Contains("b/cpu0 has 13", differs.State.Reason);
    }

    [Fact]
    public void Two_that_cannot_hear_each_other_do_not_end_every_epoch()
    {
        var lost = Says(QuorumMemberPhase.PeerLost, 4);
        var begins = Next(Running(_a, _b, _c), Sees([_a, _b, _c], reports:
            [(_a, lost with { LostPeer = "c/cpu0" }), (_b, Says(QuorumMemberPhase.Running, 4)), (_c, lost with { LostPeer = "a/cpu0" })]));
        Assert.Equal("c/cpu0", begins.State.LeftOut);

        var noProgress = Holds(QuorumCommit.Beginning with { Sha256 = "0" });
        Assert.Equal([_a, _b], Next(begins.State, Sees([_a, _b, _c], reports: [(_a, noProgress), (_b, noProgress), (_c, noProgress)])).State.Members);
        Assert.Equal([_a, _b, _c], Next(begins.State, Sees([_a, _b, _c], reports: [(_a, Holds(_seven)), (_b, Holds(_seven)), (_c, Holds(_seven))])).State.Members);
    }

    [Fact]
    public void Joiners_wait_until_the_epoch_has_settled_and_never_make_a_trial_wider_than_wanted()
    {
        var view = Sees([_a, _b], reports: [(_a, Says(QuorumMemberPhase.Running, 4)), (_b, Says(QuorumMemberPhase.Idle, 0))]);
        Assert.Equal(4u, Next(Running(_a), view).State.Epoch);
        var later = _now + QuorumTimeouts.Default.Settle;
        var settled = Sees([_a, _b], later, (_a, Says(QuorumMemberPhase.Running, 4)), (_b, Says(QuorumMemberPhase.Idle, 0)));
        Assert.Equal("b/cpu0 joins", Next(Running(_a), settled).State.Reason);
        var full = Next(Running(_a), settled, new QuorumSize(1, 1));
        Assert.Equal(4u, full.State.Epoch);
        Assert.Equal([_b], full.Release);
    }

    [Fact]
    public void A_silent_member_ends_the_epoch_and_the_end_of_all_members_ends_the_trial()
    {
        var view = Sees([_a], reports: [(_a, Says(QuorumMemberPhase.Running, 4))]);
        Assert.Contains("has not answered", Next(Running(_a), view with { Now = _now + TimeSpan.FromMinutes(1) }).State.Reason);
        Assert.Equal([new RequestStop(_a, 4)], Next(Running(_a), view with { Stop = true }).Commands);
        Assert.Equal(QuorumPhase.Finished, Next(Running(_a), Sees([_a], reports: [(_a, Says(QuorumMemberPhase.Stopped, 4))])).State.Phase);
    }

    [Fact]
    public void A_quorum_that_cannot_write_stands_still_says_why_and_nothing_has_failed()
    {
        var state = Running(_a, _b);
        var still = Says(QuorumMemberPhase.Running, 4) with { Obstacle = "cannot write /results: No space left on device" };
        var decision = Next(state, Sees([_a, _b], reports: [(_a, still), (_b, Says(QuorumMemberPhase.Running, 4))]));
        Assert.Same(state, decision.State);
        Assert.Equal("paused: cannot write /results: No space left on device; goes on when it can", decision.Reason);
        Assert.Equal(still.Obstacle, decision.Obstacle);
    }

    [Fact]
    public void Failures_count_in_a_row_and_progress_ends_the_row()
    {
        // From the beginning to update 7, then no further.
        var state = Running(_a, _b);
        List<int> failures = [];
        for (var epoch = 0; epoch < 4; epoch++)
        {
            var failed = Next(state, Sees([_a, _b], reports: [(_a, Says(QuorumMemberPhase.Failed, state.Epoch)), (_b, Says(QuorumMemberPhase.PeerLost, state.Epoch))]));
            failures.Add(failed.State.Failures);
            var halted = Says(QuorumMemberPhase.Halted, failed.State.Epoch);
            var formed = Next(failed.State, Sees([_a, _b], reports: [(_a, halted), (_b, halted with { Commit = _seven })]));
            Assert.Equal(epoch == 0, formed.State.Reason.Contains("earlier failures no longer count (1)", StringComparison.Ordinal));
            state = formed.State with { Phase = QuorumPhase.Running };
        }

        Assert.Equal([1, 1, 2, 3], failures);
    }

    private static QuorumDecision Next(QuorumState state, QuorumView view, QuorumSize? size = null) =>
        QuorumLifecycle.Next(state, view, size ?? new QuorumSize(1, 3), QuorumTimeouts.Default);

    private static QuorumState Running(params Device[] members) => new()
    {
        Epoch = 4,
        Phase = QuorumPhase.Running,
        Candidates = members,
        Members = members,
        Source = QuorumSource.Beginning,
        Since = _now,
    };

    private static QuorumState Halting(params Device[] candidates) => Running(candidates) with { Epoch = 5, Phase = QuorumPhase.Halting };

    private static QuorumSource Durable(int step, uint epoch, int updatesPerStep = 2) => QuorumSource.Of(Specs.Checkpoint(step, 1, epoch), updatesPerStep);

    private static QuorumReport Says(QuorumMemberPhase phase, uint promised) => new("1", promised, phase, null, false, null, "");

    private static QuorumReport Holds(QuorumCommit? commit) => Says(QuorumMemberPhase.Halted, 5) with { Commit = commit };

    private static QuorumParticipant Participant(Device device, QuorumReport report) =>
        new(device.Id, device.Incarnation) { Promised = report.Promised, Phase = report.Phase, Commit = report.Commit };

    private static QuorumView Sees(Device[] leased, DateTimeOffset now, params (Device Device, QuorumReport Report)[] reports) =>
        new(leased, new HashSet<string>(), reports.ToDictionary(entry => entry.Device.Id, entry => new QuorumSighting(entry.Report, now)), QuorumSource.Beginning, false, now);

    private static QuorumView Sees(Device[] leased, (Device Device, QuorumReport Report)[] reports, string? lost = null) =>
        Sees(leased, _now, reports) with { Lost = lost is null ? new HashSet<string>() : [lost] };

    private static Device Of(string silo) => new($"{silo}/cpu0", silo, "cpu", new Uri("http://127.0.0.1:1"), "1");
}
