using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Evaluation;
using DivCo.Training.Sharding;

namespace DivCo.Training;

/// <summary>
/// Trains one rank during one quorum epoch, synchronously, on the calling thread. The weights after each update are bitwise the same
/// for any number of ranks: all they exchange is sums over shards, along a tree that the trial fixes. So a run may end after any update, and
/// another one, of other ranks, goes on from there.
/// </summary>
/// <remarks>
/// After <see cref="PeerLostException"/>, <see cref="AuditException"/> and <see cref="OperationCanceledException"/> the replica stands at its
/// last commit: the update that was interrupted left no trace and is made again. After any other exception it must be discarded.
/// <para>
/// Where the trial judges itself, nets are opened before the first step of a run, and a classifier that is not there yet is trained then. A checkpoint that
/// is evaluated is written when its figures are there, some steps later.
/// </para>
/// <para>
/// A checkpoint is written by the rank 0 that commits its step. One that was due when a quorum broke may be missing, and is not made up for later,
/// except that of the last step: a run that begins with all steps done writes it, unless its replica was loaded from it.
/// </para>
/// </remarks>
public static class TrainingLoop
{
    /// <returns>When the last step or a requested stop is reached, and its checkpoint is durable.</returns>
    /// <exception cref="PeerLostException">A peer is gone.</exception>
    /// <exception cref="AuditException">Devices computed different bits; every rank throws it, at the same commit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for, here or by the communicator's own.</exception>
    /// <exception cref="Checkpoints.CheckpointException">A checkpoint cannot be written, and not because the file system refuses: then the run waits.</exception>
    public static TrainingOutcome Run(TrainingRun run, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(run);
        TorchRuntime.EnterThread();
        var (config, state, communicator) = (run.Replica.Config, run.Replica.State, run.Communicator);
        var task = state.Task;
        var audit = AuditDraw.Of(config.Seed, run.Audit);
        var runners = task.Updates.Select(update => new ShardRunner(task, update, communicator, run.ActivationMemory, audit)).ToArray();
        var isFirst = communicator.Rank == 0;
        using var checkpoints = isFirst ? new CheckpointRecorder(run) : null;
        using var evaluation = run.Evaluation is { } wanted
            ? new ShardedEvaluation(run.Replica.EvaluationOf(wanted, abort), state, communicator, checkpoints)
            : null;
        using var telemetry = new StepTelemetry(run, task, runners, checkpoints);
        var metrics = new StepMetrics(config.BatchSize, state.Losses);
        var stop = false;
        if (state.Step == config.Steps && !run.Replica.IsCheckpoint)
        {
            if (evaluation is null)
            {
                checkpoints?.Record(metrics.Latest, abort);
            }
            else
            {
                evaluation.RecordAlone(metrics.Latest, abort);
            }
        }

        while (state.Step < config.Steps && !stop)
        {
            telemetry.BeginStep(state.Step);

            // Nothing is trained that could not be kept. The other ranks wait for this one.
            if (isFirst)
            {
                run.Output.Pass(abort);
            }

            // One step, or what is left of it: each update computed from the shards of all ranks, then committed in one place.
            metrics.BeginStep(Stopwatch.GetTimestamp());
            task.Begin(state.Step);
            do
            {
                abort.ThrowIfCancellationRequested();
                var update = state.Updates;
                var sum = runners[state.Next].Run(update, isFirst && run.StopRequested());
                state.Commit(sum);
                communicator.Kill?.Reach(communicator, update, KillPhase.AfterCommit);
                metrics.Add(sum.Losses);
                stop |= sum.StopRequested;
            }
            while (state.Next != 0);

            metrics.EndStep(Stopwatch.GetTimestamp());
            var last = stop || state.Step == config.Steps;
            if (last || state.Step % config.ReportEvery == 0)
            {
                var report = new StepReport(state.Step, metrics.Latest);
                run.Replica.Recent.Add(report);
                metrics.RestartPace();
                if (isFirst)
                {
                    run.Report(report);
                    telemetry.Report(report);
                }
            }

            if (last || state.Step % config.CheckpointEvery == 0)
            {
                evaluation?.Finish(abort);
                if (evaluation?.IsDue(state.Step, last) ?? false)
                {
                    evaluation.Begin(metrics.Latest);
                }
                else
                {
                    checkpoints?.Record(metrics.Latest, abort);
                }
            }

            // A bounded part of an evaluation that is under way; what is left of it where no step follows.
            evaluation?.Advance(abort);
            if (last)
            {
                evaluation?.Finish(abort);
            }

            telemetry.EndStep();
        }

        checkpoints?.Flush(abort);
        return new TrainingOutcome(state.Step, Stopped: stop && state.Step < config.Steps)
        {
            CheckpointWait = checkpoints?.Waited ?? TimeSpan.Zero,
            CheckpointFlush = checkpoints?.Flushed ?? TimeSpan.Zero,
        };
    }
}
