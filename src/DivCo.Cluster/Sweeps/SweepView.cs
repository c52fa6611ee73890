using DivCo.Cluster.Hosting;
using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Sweeps;

/// <summary>The coordinator's record as the public API shows it.</summary>
internal static class SweepView
{
    public static Sweep Of(string id, CoordinatorState state, bool withTrials, long revision, ServerOptions options)
    {
        var best = CheckpointLedger.Best(state.Trials, state.Spec!);
        var status = new SweepStatus
        {
            State = State(state.Phase),
            Reason = state.Reason,
            Revision = (ulong)revision,
            SubmittedAt = state.SubmittedAt.ToTimestamp(),
            Best = best is null ? "" : new TrialId(id, best.Index).ToString(),
            Results = options.FolderOf(id),
        };
        if (withTrials)
        {
            status.Trials.AddRange(state.Trials.Select(trial => Of(id, state, trial, options)));
        }

        return new Sweep { Id = id, Spec = state.Spec, Status = status };
    }

    public static Checkpoint Of(string trialId, CheckpointEntry entry) => new()
    {
        TrialId = trialId,
        Name = entry.Name,
        Path = entry.Path,
        Step = entry.Step,
        Epoch = entry.Epoch,
        Metrics = { entry.Metrics },
        WeightsSha256 = entry.WeightsSha256,
        StateSha256 = entry.StateSha256,
        WrittenAt = entry.WrittenAt.ToTimestamp(),
    };

    private static Trial Of(string sweep, CoordinatorState state, TrialRecord trial, ServerOptions options)
    {
        var id = new TrialId(sweep, trial.Index);
        var view = new Trial
        {
            Id = id.ToString(),
            State = State(trial.Phase),
            Reason = trial.Collapse.Found is { } collapse ? $"{trial.Reason}; collapsed at step {collapse.Step}: {collapse.Reason}" : trial.Reason,
            Step = trial.Step,
            Steps = SweepPlan.Steps(state.Spec!, trial),
            Metrics = { trial.Metrics },
            Epoch = trial.Epoch,
            Collapse = trial.Collapse.Found is { } found ? new Protocol.V1.Collapse { Step = found.Step, Reason = found.Reason, Evidence = { found.Evidence } } : null,
            Restarts = trial.Restarts,
        };
        view.Devices.AddRange(trial.Devices);
        view.Parameters.Add(trial.Parameters.Fields);
        if (trial.Checkpoints.Count > 0)
        {
            view.Checkpoint = Of(view.Id, trial.Checkpoints[^1]);
            view.Sample = Path.Combine(options.FoldersOf(id).Samples, $"step-{view.Checkpoint.Step:000000}.png");
        }

        return view;
    }

    private static Protocol.V1.State State(SweepPhase phase) => phase switch
    {
        SweepPhase.Running => Protocol.V1.State.Running,
        SweepPhase.Stopping => Protocol.V1.State.Stopping,
        SweepPhase.Stopped => Protocol.V1.State.Stopped,
        SweepPhase.Succeeded => Protocol.V1.State.Succeeded,
        _ => Protocol.V1.State.Failed,
    };

    private static Protocol.V1.State State(TrialPhase phase) => phase switch
    {
        TrialPhase.Queued => Protocol.V1.State.Queued,
        TrialPhase.Running => Protocol.V1.State.Running,
        TrialPhase.Stopped => Protocol.V1.State.Stopped,
        TrialPhase.Succeeded => Protocol.V1.State.Succeeded,
        _ => Protocol.V1.State.Failed,
    };
}
