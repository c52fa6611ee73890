using DivCo.Cluster.Sweeps.Search;
using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Sweeps;

/// <summary>What a sweep does next: pure decisions on its record.</summary>
internal static class SweepPlan
{
    /// <summary>The record of a sweep as it is submitted.</summary>
    public static CoordinatorState Begin(SweepSpec spec, DateTimeOffset now) => new() { Spec = spec, SubmittedAt = now, Reason = "submitted" };

    /// <summary>Takes in what trials reported; what an order of an older run answers is passed over.</summary>
    public static CoordinatorState Fold(CoordinatorState state, IReadOnlyDictionary<int, TrialReport> reports)
    {
        var doomed = state.Doomed.ToList();
        var trials = state.Trials.Select(trial =>
        {
            if (!reports.TryGetValue(trial.Index, out var report) || report.Run != trial.Run)
            {
                return trial;
            }

            var policy = Resolve(state.Spec!, trial).Checkpoint;
            var (ledger, dropped) = CheckpointLedger.Fold(trial.Checkpoints, report.Proposals, state.Spec!, policy);
            doomed.AddRange(dropped.Select(entry => new DoomedCheckpoint(trial.Index, entry.Name)));
            return trial with
            {
                Phase = report.Phase,
                Reason = report.Reason,
                Epoch = report.Epoch,
                Step = report.Step,
                Metrics = report.Metrics,
                Devices = report.Devices,
                Checkpoints = ledger,
                Collapse = trial.Collapse.Take(report.Proposals, Resolve(state.Spec!, trial)),
            };
        }).ToList();
        return CollapsePolicy.Apply(state with { Trials = trials, Doomed = doomed });
    }

    /// <summary>Has folders deleted that no ledger holds.</summary>
    public static CoordinatorState Doom(CoordinatorState state, IEnumerable<DoomedCheckpoint> found)
    {
        var orphans = found
            .Where(folder => state.Trials[folder.Trial].Checkpoints.All(entry => entry.Name != folder.Name))
            .Except(state.Doomed)
            .ToList();
        return orphans.Count == 0 ? state : state with { Doomed = [.. state.Doomed, .. orphans] };
    }

    /// <summary>Draws trials while there is room, ends the sweep when nothing is left to do, and says why.</summary>
    public static CoordinatorState Next(CoordinatorState state)
    {
        if (state.Phase.HasEnded())
        {
            return state;
        }

        var spec = state.Spec!;
        var failed = state.Trials.Where(trial => trial.Phase == TrialPhase.Failed).ToList();
        if (state.StopReason is null && failed.Count > spec.Limits.MaxFailed)
        {
            state = Stop(state, $"{failed.Count} trials failed (limits.max_failed: {spec.Limits.MaxFailed}), lastly: {failed[^1].Reason}");
        }

        var (active, total) = (state.Trials.Count(trial => !trial.Phase.HasEnded()), SearchMethod.Trials(spec));
        if (state.StopReason is null)
        {
            var room = Math.Min(spec.Limits.MaxConcurrent - active, total - state.Trials.Count);
            var drawn = Enumerable.Range(state.Trials.Count, Math.Max(0, room))
                .Select(index => new TrialRecord { Index = index, Parameters = SearchMethod.Draw(spec, index), Reason = "drawn" });
            state = state with { Trials = [.. state.Trials, .. drawn] };
            active += Math.Max(0, room);
        }

        return active > 0 ? state with { Reason = Progress(state, total) } : End(state, total);
    }

    /// <summary>Why the sweep is in its phase, in one word for counting.</summary>
    public static string Cause(CoordinatorState state) => state.Phase switch
    {
        SweepPhase.Running => state.Trials.Count == 0 ? "submitted" : "resumed",
        SweepPhase.Succeeded => "completed",
        _ => state.Trials.Count(trial => trial.Phase == TrialPhase.Failed) > state.Spec!.Limits.MaxFailed ? "failures" : "asked",
    };

    /// <summary>Whether a new state must be written: steps and losses alone are not worth it, they are read from the trials.</summary>
    public static bool IsDecision(CoordinatorState before, CoordinatorState after) =>
        (before.Spec is null) != (after.Spec is null)
        || before.Phase != after.Phase
        || before.Reason != after.Reason
        || before.StopReason != after.StopReason
        || !before.Doomed.SequenceEqual(after.Doomed)
        || !before.Trials.Select(Decided).SequenceEqual(after.Trials.Select(Decided));

    /// <summary>Asks the whole sweep to stop.</summary>
    public static CoordinatorState Stop(CoordinatorState state, string reason) => state.Phase.HasEnded() ? state : state with
    {
        Phase = SweepPhase.Stopping,
        Reason = reason,
        StopReason = reason,
        Trials = [.. state.Trials.Select(trial => trial.Phase.HasEnded() ? trial : trial with { Stop = true })],
    };

    /// <summary>Asks one trial to stop; the sweep goes on with the others.</summary>
    public static CoordinatorState StopTrial(CoordinatorState state, int index) => state with
    {
        Trials = [.. state.Trials.Select(trial => trial.Index == index && !trial.Phase.HasEnded() ? trial with { Stop = true } : trial)],
    };

    /// <summary>Why a sweep (or the trial of this index) cannot be resumed now; null: it can.</summary>
    public static string? Unresumable(CoordinatorState state, int? index) => index is { } one
        ? state.Trials[one].Phase is TrialPhase.Stopped or TrialPhase.Failed ? null : $"trial {one} is {Word(state.Trials[one].Phase)}; only a stopped or failed one is resumed"
        : state.Phase == SweepPhase.Stopping ? "the sweep is still stopping; resume it when it has stopped" : null;

    /// <summary>
    /// Queues stopped and failed trials (or the one of this index) again, each from its last checkpoint. One trial of a stopped sweep
    /// is resumed alone: no others are drawn.
    /// </summary>
    public static CoordinatorState Resume(CoordinatorState state, int? index) => state with
    {
        Phase = SweepPhase.Running,
        Reason = "resumed",
        StopReason = index is null ? null : state.StopReason,
        Trials = [.. state.Trials.Select(trial => (index is null || trial.Index == index) && trial.Phase is TrialPhase.Stopped or TrialPhase.Failed
            ? trial with { Run = trial.Run + 1, Stop = false, Phase = TrialPhase.Queued, Reason = "resumed" }
            : trial)],
    };

    /// <summary>The trial's complete spec: the sweep's trial with the drawn parameters, what depends on them, and the seed that a collapse has left it.</summary>
    public static TrialSpec Resolve(SweepSpec spec, TrialRecord trial)
    {
        var resolved = SweepDefaults.Resolve(spec, trial.Parameters.Fields);
        if (trial.Restarts > 0)
        {
            resolved.Seed = CollapsePolicy.SeedOf(resolved.Seed, trial.Restarts);
        }

        return resolved;
    }

    /// <summary>Steps of the resolved trial.</summary>
    public static int Steps(SweepSpec spec, TrialRecord trial) =>
        trial.Parameters.Fields.TryGetValue("steps", out var drawn) ? (int)drawn.NumberValue : spec.Trial.Steps;

    private static (int, int, bool, TrialPhase, string, uint, (int, string?), CollapseWatch) Decided(TrialRecord trial) => (
        trial.Index, trial.Run, trial.Stop, trial.Phase, trial.Reason, trial.Epoch,
        (trial.Checkpoints.Count, trial.Checkpoints.LastOrDefault()?.Name), trial.Collapse);

    private static CoordinatorState End(CoordinatorState state, int total)
    {
        var succeeded = state.Trials.Count(trial => trial.Phase == TrialPhase.Succeeded);
        var failed = state.Trials.Count(trial => trial.Phase == TrialPhase.Failed);
        if (state.StopReason is not null)
        {
            var phase = failed > state.Spec!.Limits.MaxFailed ? SweepPhase.Failed : SweepPhase.Stopped;
            return state with { Phase = phase, Reason = Progress(state, total) };
        }

        var stopped = state.Trials.Any(trial => trial.Phase == TrialPhase.Stopped);
        return state with
        {
            Phase = stopped ? SweepPhase.Stopped : succeeded > 0 || failed == 0 ? SweepPhase.Succeeded : SweepPhase.Failed,
            Reason = Progress(state, total),
        };
    }

    private static string Word(TrialPhase phase) => phase.ToString().ToLowerInvariant();

    private static string Progress(CoordinatorState state, int total)
    {
        var counts = state.Trials
            .GroupBy(trial => trial.Phase)
            .OrderBy(group => group.Key)
            .Select(group => $"{group.Count()} {Word(group.Key)}");
        var why = state.StopReason is null ? "" : $"{state.StopReason}; ";
        return $"{why}{string.Join(", ", counts)} of {total} trials";
    }
}
