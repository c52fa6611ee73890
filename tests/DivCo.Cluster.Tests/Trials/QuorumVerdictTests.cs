using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials;

/// <summary>What becomes of an audit's verdict on its way from the device's thread to the pool.</summary>
public sealed class QuorumVerdictTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Device[] _devices = [Of("a"), Of("b"), Of("c")];
    private static readonly QuorumCommit _seven = new(4, 7, "77");
    private static readonly QuorumVerdict _verdict = new(4, 7, 3, "c/cpu0", "c/cpu0 is outvoted, 2 to 1");

    [Fact]
    public void All_members_say_the_same_and_the_trial_acts_once()
    {
        var found = Next(Running(), Sees(Says(QuorumMemberPhase.AuditFailed, 4, _verdict)));
        Assert.Equal((5u, QuorumPhase.Halting, 4u, _verdict), (found.State.Epoch, found.State.Phase, found.State.Judged, found.State.Verdict));
        Assert.Equal(("c/cpu0 is outvoted, 2 to 1", 0), (found.State.Reason, found.State.Failures));

        // It waits for the pool, whatever else happens, and asks nobody to prepare.
        var halted = Sees(Says(QuorumMemberPhase.Halted, 5, _verdict) with { Commit = _seven });
        var waits = Next(found.State, halted);
        Assert.Same(found.State, waits.State);
        Assert.Empty(waits.Commands);

        // The pool has the device; what the others still say of it is old.
        var after = Next(found.State with { Verdict = null }, halted with { Leased = _devices[..2] });
        Assert.Equal((5u, QuorumPhase.Syncing), (after.State.Epoch, after.State.Phase));
        Assert.Equal(_devices[..2], after.State.Members);
        Assert.Equal(_seven, after.State.Source!.Commit);
    }

    [Fact]
    public void A_verdict_that_comes_after_its_epoch_ended_otherwise_still_counts()
    {
        // One member heard of the verdict, the others only lost it as a peer, and the next epoch is already being formed or runs.
        var late = Sees(Says(QuorumMemberPhase.Halted, 5) with { Commit = _seven });
        var sightings = new Dictionary<string, QuorumSighting>(late.Sightings) { ["a/cpu0"] = new(Says(QuorumMemberPhase.Halted, 5, _verdict), _now) };
        foreach (var phase in (QuorumPhase[])[QuorumPhase.Halting, QuorumPhase.Syncing, QuorumPhase.Running])
        {
            var decision = Next(Running() with { Epoch = 5, Phase = phase }, late with { Sightings = sightings });
            Assert.Equal((6u, QuorumPhase.Halting, _verdict), (decision.State.Epoch, decision.State.Phase, decision.State.Verdict));
        }
    }

    [Fact]
    public void A_worker_says_it_until_it_prepares_for_another_epoch()
    {
        var device = _devices[0];
        var prepare = new Prepare(device, 4, [device], 0, QuorumSource.Beginning);
        var running = new QuorumParticipant(device.Id, device.Incarnation) { Promised = 4, Phase = QuorumMemberPhase.Running, Commit = _seven, Assignment = prepare };
        var found = running.Left(QuorumExit.AuditFailed, _seven, "why", verdict: _verdict);
        Assert.Equal((QuorumMemberPhase.AuditFailed, _seven, _verdict), (found.Report.Phase, found.Report.Commit, found.Report.Verdict));

        // Also where the halt for the next epoch came first.
        var halting = running.Take(new Halt(device, 5)).State.Left(QuorumExit.AuditFailed, _seven, "why", verdict: _verdict);
        foreach (var halted in (QuorumParticipant[])[found.Take(new Halt(device, 5)).State, halting])
        {
            Assert.Equal((QuorumMemberPhase.Halted, _seven, _verdict), (halted.Report.Phase, halted.Report.Commit, halted.Report.Verdict));
            Assert.Null(halted.Take(prepare with { Epoch = 5, Source = new QuorumSource(device, null, _seven) }).State.Report.Verdict);
        }
    }

    [Fact]
    public void Where_the_votes_do_not_tell_the_trial_fails_with_the_verdict_and_a_new_run_begins_afresh()
    {
        var undecided = _verdict with { Outvoted = null, Evidence = "a/cpu0 and b/cpu0 each repeat their own result" };
        var state = TrialLifecycle.Lease(new TrialState { Order = new TrialOrder(1, "hash", new(), new(), false, []), Quorum = Running() }, new Lease("t/0", 1, _devices));
        var failed = TrialLifecycle.Follow(state, Next(state.Quorum, Sees(Says(QuorumMemberPhase.AuditFailed, 4, undecided))), null);
        Assert.Equal((TrialPhase.Failed, undecided.Evidence), (failed.Phase, failed.Reason));

        var again = TrialLifecycle.Take(failed, failed.Order! with { Run = 2 });
        Assert.Equal((TrialPhase.Queued, (QuorumVerdict?)null), (again.Phase, again.Quorum.Verdict));
        Assert.Null(Sees(Says(QuorumMemberPhase.AuditFailed, 4, undecided)).Verdict(again.Quorum.Judged));
    }

    [Fact]
    public void Once_the_pool_has_the_device_the_quorum_forms_without_it_and_waits_where_too_few_are_left()
    {
        var state = new TrialState { Quorum = Next(Running(), Sees(Says(QuorumMemberPhase.AuditFailed, 4, _verdict))).State };
        var quorum = TrialLifecycle.Quarantined(state).Quorum;
        var view = Sees(Says(QuorumMemberPhase.Halted, 5, _verdict) with { Commit = _seven }) with { Leased = _devices[..2] };
        var waits = QuorumLifecycle.Next(quorum, view, new QuorumSize(3, 3), QuorumTimeouts.Default);
        Assert.Equal(QuorumPhase.Halting, waits.State.Phase);
        Assert.Contains("2 of at least 3 can take part", waits.Reason);
        Assert.Contains("c/cpu0 is outvoted", waits.Reason);
    }

    private static QuorumDecision Next(QuorumState state, QuorumView view) => QuorumLifecycle.Next(state, view, new QuorumSize(1, 3), QuorumTimeouts.Default);

    private static QuorumState Running() => new()
    {
        Epoch = 4,
        Phase = QuorumPhase.Running,
        Candidates = _devices,
        Members = _devices,
        Source = QuorumSource.Beginning,
        Since = _now,
    };

    private static QuorumReport Says(QuorumMemberPhase phase, uint promised, QuorumVerdict? verdict = null) =>
        new("1", promised, phase, null, false, null, "") { Verdict = verdict };

    private static QuorumView Sees(QuorumReport report) =>
        new(_devices, new HashSet<string>(), _devices.ToDictionary(device => device.Id, _ => new QuorumSighting(report, _now)), QuorumSource.Beginning, false, _now);

    private static Device Of(string silo) => new($"{silo}/cpu0", silo, "cpu", new Uri("http://127.0.0.1:1"), "1");
}
