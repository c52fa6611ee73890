using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>
/// Trains one rank from config to checkpoint, synchronously, on the calling thread. The weights after each update are bitwise the same
/// for any number of ranks: all they exchange is sums over shards, along a tree that the trial fixes.
/// </summary>
public static class TrainingLoop
{
    /// <returns>When the last step or a requested stop is reached, and its checkpoint is durable.</returns>
    /// <exception cref="PeerLostException">A peer is gone; nothing uncommitted is lost that another quorum would not compute again.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for, here or by the communicator's own.</exception>
    /// <exception cref="TrainingConfigException">The config cannot be trained on this data set.</exception>
    /// <exception cref="Checkpoints.CheckpointException">A checkpoint cannot be read, trusted or written.</exception>
    public static TrainingOutcome Run(TrainingRun run, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(run);
        TorchRuntime.Initialise();
        TorchRuntime.EnterThread();
        var (config, communicator) = (run.Config, run.Communicator);

        // Networks as the seed has them, or as a checkpoint left them.
        using var state = new TrainingState(TaskCatalog.Create(config, run.Dataset), config.Optimizer);
        if (run.ResumeFrom is not null)
        {
            state.Restore(run.Checkpoints.Load(run.ResumeFrom, run.TrialHash));
        }

        var task = state.Task;
        var runners = task.Updates.Select(update => new ShardRunner(task, update, communicator, run.ActivationMemory)).ToArray();
        var isFirst = communicator.Rank == 0;
        using var checkpoints = isFirst ? new CheckpointRecorder(run, state) : null;
        var metrics = new StepMetrics(config.BatchSize, Stopwatch.GetTimestamp());
        var stop = false;

        while (state.Step < config.Steps && !stop)
        {
            // One step: each update computed from the shards of all ranks, then committed in one place.
            task.Begin(state.Step);
            do
            {
                abort.ThrowIfCancellationRequested();
                var sum = runners[state.Next].Run(state.Updates, isFirst && run.StopRequested());
                state.Commit(sum);
                metrics.Add(sum.Losses);
                stop |= sum.StopRequested;
            }
            while (state.Next != 0);

            metrics.EndStep(Stopwatch.GetTimestamp());
            var last = stop || state.Step == config.Steps;
            if (isFirst && (last || state.Step % config.ReportEvery == 0))
            {
                run.Report(new StepReport(state.Step, metrics.Latest));
                metrics.RestartPace(Stopwatch.GetTimestamp());
            }

            if (last || state.Step % config.CheckpointEvery == 0)
            {
                checkpoints?.Record(metrics.Latest, abort);
            }
        }

        checkpoints?.Flush(abort);
        return new TrainingOutcome(state.Step, Stopped: stop && state.Step < config.Steps) { CheckpointWait = checkpoints?.Waited ?? TimeSpan.Zero };
    }
}
