using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>The halting phase: who takes part in the epoch, and from whose state it starts. Pure.</summary>
internal static class QuorumFormation
{
    public static QuorumDecision Next(QuorumState state, QuorumView view, QuorumSize wanted, QuorumTimeouts timeouts)
    {
        // 1. Devices come and go while the others stand still; nobody has a part in this epoch yet, so nothing is lost by it.
        var present = view.Present();
        state = present.SequenceEqual(state.Candidates) ? state : state with { Candidates = present };

        // 2. Who has answered, and who may still be waited for.
        List<HaltedWorker> halted = [];
        List<Device> missing = [];
        foreach (var device in present)
        {
            if (view.Of(device, state.Epoch) is { Phase: QuorumMemberPhase.Halted } report)
            {
                halted.Add(new HaltedWorker(device, report));
            }
            else
            {
                missing.Add(device);
            }
        }

        var commands = missing.ConvertAll<QuorumCommand>(device => new Halt(device, state.Epoch));
        var release = QuorumLifecycle.LostOf(view);
        var isAwaited = missing.Exists(device => view.Of(device) is not { } seen || view.Now - seen.At <= timeouts.Silence);
        if (isAwaited && view.Now - state.Since < timeouts.Halt)
        {
            return new QuorumDecision(state, commands, release, $"{state.Reason}; waits for {Names(missing)} to halt");
        }

        // 3. The furthest state that nobody contradicts.
        var (trusted, evidence) = QuorumAgreement.Judge(halted);
        var able = halted.Where(worker => !worker.Report.Leaving).Select(worker => worker.Device).ToList();
        var source = Source(trusted, able, view.Durable);

        // 4. Who takes part. Where nobody stays, those who leave do, to bring what they hold to a checkpoint.
        if (able.Count == 0 && missing.Count == 0 && halted.Count > 0)
        {
            if (source.Member is null || halted.Count < wanted.Min)
            {
                return Vacate(state, view, state.Reason);
            }

            able = halted.ConvertAll(worker => worker.Device);
        }

        if (state.LeftOut is { } odd && state.Source is not null && source.Commit.Updates == state.Source.Commit.Updates
            && able.Count > wanted.Min)
        {
            able.RemoveAll(device => device.Id == odd);
            source = Source(trusted, able, view.Durable);
        }

        if (able.Count < wanted.Min)
        {
            var held = halted.Count == 0 ? "" : $"; {Names(halted.ConvertAll(worker => worker.Device))} halted and hold what they have";
            return new QuorumDecision(state, commands, release,
                $"waits for devices: {able.Count} of at least {wanted.Min} can take part{held}{Silent(missing)}{evidence}; before: {state.Reason}");
        }

        var holders = trusted.Where(worker => worker.Report.Commit!.IsLevelWith(source.Commit)).Select(worker => worker.Device.Id).ToHashSet();
        List<Device> members = [.. able
            .OrderByDescending(device => holders.Contains(device.Id)).ThenBy(device => device.Id, StringComparer.Ordinal)
            .Take(wanted.Max).OrderBy(device => device.Id, StringComparer.Ordinal)];
        // 5. Failures count in a row: a worker that fails at one place for ever must end the trial, one that fails now and then must not.
        var moved = state.Source is { } before && source.Commit.Updates > before.Commit.Updates;
        var forgotten = moved && state.Failures > 0 ? $"; earlier failures no longer count ({state.Failures}), for it has come further since" : "";
        var next = state with
        {
            Phase = QuorumPhase.Syncing,
            Members = members,
            Source = source,
            LeftOut = null,
            Failures = (moved ? 0 : state.Failures) + (evidence == "" ? 0 : 1),
            Since = view.Now,
            Reason = $"epoch {state.Epoch} on {Names(members)} starts from {source}{Silent(missing)}{evidence}{forgotten}",
        };
        return new QuorumDecision(next, Prepares(next, view), release, next.Reason);
    }

    /// <summary>Nobody stays: all devices are given back, and the next quorum begins from what is durable.</summary>
    public static QuorumDecision Vacate(QuorumState state, QuorumView view, string reason)
    {
        var next = state with { Phase = QuorumPhase.Idle, Since = view.Now, Reason = $"{reason}; all devices leave: waits for others" };
        return new QuorumDecision(next, [], [], next.Reason) { IsVacated = true };
    }

    /// <summary>To those who do not prepare yet; a source that is no member is told too, and serves without a rank.</summary>
    public static List<QuorumCommand> Prepares(QuorumState state, QuorumView view)
    {
        List<QuorumCommand> commands = [];
        for (var rank = 0; rank < state.Members.Count; rank++)
        {
            if (view.Of(state.Members[rank], state.Epoch) is not { Phase: not QuorumMemberPhase.Halted })
            {
                commands.Add(new Prepare(state.Members[rank], state.Epoch, state.Members, rank, state.Source!));
            }
        }

        if (state.Source!.Member is { } source && state.Members.All(member => member.Id != source.Id)
            && view.Of(source, state.Epoch) is not { Phase: not QuorumMemberPhase.Halted })
        {
            commands.Add(new Prepare(source, state.Epoch, state.Members, -1, state.Source));
        }

        return commands;
    }

    public static string Names(IEnumerable<Device> devices) => string.Join(", ", devices.Select(device => device.Id));

    /// <summary>
    /// A checkpoint is read only where it is ahead of all that survived: a worker that was away while the others trained on, wrote it and
    /// died must not lead the trial back.
    /// </summary>
    private static QuorumSource Source(IReadOnlyList<HaltedWorker> trusted, List<Device> able, QuorumSource durable)
    {
        HaltedWorker? furthest = null;
        foreach (var worker in trusted.OrderBy(worker => able.Contains(worker.Device) ? 0 : 1))
        {
            if (furthest is not { } best || worker.Report.Commit!.IsAheadOf(best.Report.Commit!))
            {
                furthest = worker;
            }
        }

        return furthest is { } one && !durable.Commit.IsAheadOf(one.Report.Commit!)
            ? new QuorumSource(one.Device, null, one.Report.Commit!)
            : durable;
    }

    private static string Silent(List<Device> missing) => missing.Count == 0 ? "" : $"; without {Names(missing)}, which did not answer";
}
