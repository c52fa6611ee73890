using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;

namespace DivCo.Cluster.Trials;

/// <summary>
/// The trial's side of the elastic quorum: halt, sync, run. Pure; the grain writes the new state and then carries out the commands.
/// A new epoch always begins by halting everybody, so that what they hold can no longer change when the furthest is chosen.
/// </summary>
internal static class QuorumLifecycle
{
    /// <summary>One look at the world, one decision. Returns the state that was passed in where nothing is to be written.</summary>
    public static QuorumDecision Next(QuorumState state, QuorumView view, QuorumSize wanted, QuorumTimeouts timeouts)
    {
        if (Newest(view) is { } newer && newer.Report.Promised > state.Epoch)
        {
            // Either another activation leads this trial, and this one cannot write; or the record was restored from an older copy.
            return Begin(QuorumCause.Superseded, state with { Epoch = newer.Report.Promised }, view, $"a worker was promised to epoch {newer.Report.Promised} already");
        }

        if (state.Phase != QuorumPhase.Finished && view.Verdict(state.Judged) is { } verdict)
        {
            return Begin(QuorumCause.Audit, state with { Judged = verdict.Epoch, Verdict = verdict }, view, verdict.Evidence);
        }

        return state.Phase switch
        {
            // Nobody is chosen while a device that was outvoted may be among those to choose from.
            _ when state.Verdict is not null => new QuorumDecision(state, [], LostOf(view), state.Reason),
            QuorumPhase.Idle => Begin(QuorumCause.First, state, view, "forms its quorum"),
            QuorumPhase.Halting => QuorumFormation.Next(state, view, wanted, timeouts),
            QuorumPhase.Syncing => Sync(state, view, timeouts),
            QuorumPhase.Running => Run(state, view, wanted, timeouts),
            _ => new QuorumDecision(state, [], LostOf(view), state.Reason),
        };
    }

    public static IReadOnlyList<Device> LostOf(QuorumView view) =>
        view.Lost.Count == 0 ? [] : [.. view.Leased.Where(device => view.Lost.Contains(device.Id))];

    /// <summary>The epoch starts when all members report the same state.</summary>
    private static QuorumDecision Sync(QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        if (QuorumTrouble.Of(state, view, timeouts) is { } trouble)
        {
            return Begin(trouble.Cause, state, view, trouble.Reason, trouble.LeftOut);
        }

        var reports = state.Members.Select(member => (Member: member, Report: view.Of(member, state.Epoch))).ToList();
        var waiting = reports.Where(entry => entry.Report?.Phase != QuorumMemberPhase.Ready).Select(entry => entry.Member).ToList();
        if (waiting.Count > 0)
        {
            return view.Now - state.Since > timeouts.Sync
                ? Begin(QuorumCause.SyncTimeout, state, view, $"{QuorumFormation.Names(waiting)} did not receive the state within {timeouts.Sync.TotalSeconds} s",
                    waiting.LastOrDefault(member => member.Id != state.Source!.Member?.Id)?.Id)
                : new QuorumDecision(state, QuorumFormation.Prepares(state, view), LostOf(view),
                    $"{state.Reason}; waits for {QuorumFormation.Names(waiting)} to receive the state");
        }

        var expected = state.Source!.Commit.Sha256 is { Length: > 0 } known ? known : reports[0].Report!.Commit!.Sha256;
        if (reports.Any(entry => entry.Report!.Commit!.Sha256 != expected))
        {
            var found = string.Join(", ", reports.Select(entry => $"{entry.Member.Id} has {entry.Report!.Commit!.Sha256}"));
            return Begin(QuorumCause.Diverged, state, view, $"the members are ready with states that differ, expected {expected}: {found}");
        }

        var next = state with
        {
            Phase = QuorumPhase.Running,
            Since = view.Now,
            Reason = $"trains on {QuorumFormation.Names(state.Members)} from {state.Source}",
        };
        return new QuorumDecision(next, Gos(next, view), LostOf(view), next.Reason);
    }

    private static QuorumDecision Run(QuorumState state, QuorumView view, QuorumSize wanted, QuorumTimeouts timeouts)
    {
        // 1. Somebody was lost or failed.
        if (QuorumTrouble.Of(state, view, timeouts) is { } trouble)
        {
            return Begin(trouble.Cause, state, view, trouble.Reason, trouble.LeftOut);
        }

        // 2. All are done, or stopped because all of them leave.
        var reports = state.Members.Select(member => view.Of(member, state.Epoch)).ToList();
        if (!view.Stop && reports.All(report => report is { Phase: QuorumMemberPhase.Stopped, Leaving: true }))
        {
            return QuorumFormation.Vacate(state, view, reports[0]!.Reason);
        }

        foreach (var end in (QuorumMemberPhase[])[QuorumMemberPhase.Completed, QuorumMemberPhase.Stopped])
        {
            if (reports.All(report => report?.Phase == end))
            {
                var finished = state with { Phase = QuorumPhase.Finished, Since = view.Now, Reason = reports[0]!.Reason };
                return new QuorumDecision(finished, [], LostOf(view), finished.Reason);
            }
        }

        // 3. Somebody leaves, if enough remain, or joins.
        var others = view.Present().Where(device => state.Members.All(member => member.Id != device.Id)).ToList();
        var joiners = others.Where(device => view.Of(device) is { Report.Leaving: false } seen && view.Now - seen.At <= timeouts.Silence).ToList();
        var leavers = state.Members.Where((_, rank) => reports[rank]?.Leaving == true).ToList();
        if (leavers.Count > 0 && state.Members.Count - leavers.Count + joiners.Count >= wanted.Min)
        {
            return Begin(QuorumCause.Leave, state, view, $"{QuorumFormation.Names(leavers)} leaves");
        }

        if (joiners.Count > 0 && state.Members.Count < wanted.Max && view.Now - state.Since >= timeouts.Settle)
        {
            return Begin(QuorumCause.Join, state, view, $"{QuorumFormation.Names(joiners)} joins");
        }

        // 4. Train on. What has no place in this quorum, or drains, is given back.
        var commands = Gos(state, view);
        if (view.Stop || (leavers.Count == state.Members.Count && joiners.Count == 0))
        {
            commands.Add(new RequestStop(state.Members[0], state.Epoch));
        }

        var idle = others.Where(device => state.Members.Count >= wanted.Max || view.Of(device)?.Report.Leaving == true);
        var obstacle = reports.Select(report => report?.Obstacle).FirstOrDefault(one => one is not null);
        var reason = obstacle is not null ? StorageRefusal.Pause(obstacle)
            : leavers.Count == 0 ? state.Reason
            : $"{state.Reason}; {QuorumFormation.Names(leavers)} wants to leave, but fewer than {wanted.Min} would remain";
        return new QuorumDecision(state, commands, [.. LostOf(view), .. idle], reason) { Obstacle = obstacle };
    }

    private static QuorumDecision Begin(QuorumCause cause, QuorumState state, QuorumView view, string reason, string? leftOut = null)
    {
        var next = state with
        {
            Epoch = state.Epoch + 1,
            Phase = QuorumPhase.Halting,
            Candidates = view.Present(),
            LeftOut = leftOut,
            Failures = state.Failures + (cause is QuorumCause.Failed or QuorumCause.Diverged ? 1 : 0),
            Since = view.Now,
            Reason = reason,
        };
        return new QuorumDecision(next, [.. next.Candidates.Select(device => new Halt(device, next.Epoch))], LostOf(view), reason) { Cause = cause };
    }

    private static List<QuorumCommand> Gos(QuorumState state, QuorumView view) =>
        [.. state.Members
            .Where(member => view.Of(member, state.Epoch) is null or { Phase: QuorumMemberPhase.Ready })
            .Select(member => new Go(member, state.Epoch))];

    private static QuorumSighting? Newest(QuorumView view) =>
        view.Leased.Select(view.Of).OfType<QuorumSighting>().MaxBy(sighting => sighting.Report.Promised);
}
