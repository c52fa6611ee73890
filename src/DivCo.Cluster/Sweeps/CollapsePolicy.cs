using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DivCo.Cluster.Trials;
using DivCo.Protocol;

namespace DivCo.Cluster.Sweeps;

/// <summary>
/// What the sweep does about trials that have collapsed, by its <c>on_collapse</c>. <c>report</c>: nothing, they say so in their status. <c>stop</c>: they
/// stop with a checkpoint. <c>restart</c>: they begin anew, from step 0, with another seed, and their checkpoints are deleted; a collapsed state
/// does not come back to life, and a checkpoint before it was on its way there. The new seed is a function of the old one and of how often: a sweep
/// that is run again makes the same trials. After the last restart a collapse stops the trial.
/// </summary>
internal static class CollapsePolicy
{
    public const int MaxRestarts = 3;

    public static CoordinatorState Apply(CoordinatorState state)
    {
        var doomed = state.Doomed.ToList();
        var trials = state.Trials.Select(trial =>
        {
            trial = trial.Collapse is { Found: not null, IsAnswered: false } ? Answer(trial, state) : trial;
            if (!trial.Restarting || !trial.Phase.HasEnded())
            {
                return trial;
            }

            if (state.StopReason is not null)
            {
                return trial with { Restarting = false };
            }

            doomed.AddRange(trial.Checkpoints.Select(entry => new DoomedCheckpoint(trial.Index, entry.Name)));
            return Restart(trial);
        }).ToList();
        return state with { Trials = trials, Doomed = [.. doomed.Distinct()] };
    }

    /// <summary>The seed of a trial that was begun anew so many times, at least once.</summary>
    public static ulong SeedOf(ulong seed, int restarts) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"seed={seed}\nrestart={restarts}\n")));

    private static TrialRecord Answer(TrialRecord trial, CoordinatorState state)
    {
        var answered = trial with { Collapse = trial.Collapse with { IsAnswered = true } };
        var restarts = state.Spec!.OnCollapse == SweepSpecRules.RestartOnCollapse && trial.Restarts < MaxRestarts && state.StopReason is null && !trial.Stop;
        return state.Spec.OnCollapse is SweepSpecRules.StopOnCollapse or SweepSpecRules.RestartOnCollapse
            ? answered with { Stop = true, Restarting = restarts }
            : answered;
    }

    private static TrialRecord Restart(TrialRecord trial) => trial with
    {
        Run = trial.Run + 1,
        Stop = false,
        Restarting = false,
        Restarts = trial.Restarts + 1,
        Phase = TrialPhase.Queued,
        Reason = $"begun anew with another seed: collapsed at step {trial.Collapse.Found!.Step}, {trial.Collapse.Found.Reason}",
        Step = 0,
        Metrics = [],
        Checkpoints = [],
        Collapse = new CollapseWatch(),
    };
}
