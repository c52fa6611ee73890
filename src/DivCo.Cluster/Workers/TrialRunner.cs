using DivCo.Cluster.Hosting;
using DivCo.Cluster.Trials;
using DivCo.Collectives;
using DivCo.Protocol;
using DivCo.Training;
using DivCo.Training.Checkpoints;
using DivCo.Training.Data;

namespace DivCo.Cluster.Workers;

/// <summary>Turns an assignment into a training run: joins the quorum, opens data and folders, and sends the reports to the trial's grain.</summary>
internal sealed class TrialRunner(ServerOptions options, ExchangeHub hub, IGrainFactory grains, TimeProvider time, ILogger<TrialRunner> log)
{
    /// <summary>Runs on the device's thread until the trial ends, stops or is aborted.</summary>
    /// <exception cref="PeerLostException">A member of the quorum was lost.</exception>
    /// <exception cref="OperationCanceledException">Aborted.</exception>
    public TrainingOutcome Run(WorkerAssignment assignment, Func<bool> stopRequested, CancellationToken abort)
    {
        var config = TrialConfigReader.Read(assignment.Trial);
        var folders = options.FoldersOf(TrialId.Parse(assignment.TrialId));
        var quorum = new Quorum(assignment.TrialId, assignment.Epoch, assignment.Members, assignment.Exchanges);
        using var communicator = hub.Join(quorum, assignment.Rank, ExchangeTimeouts.Default, abort);
        using var reports = new TrialReports(grains.GetGrain<ITrialGrain>(assignment.TrialId), assignment, time, log);
        var checkpoints = new CheckpointFolder(folders.Checkpoints, time);
        using var replica = new TrainingReplica(
            config, DatasetCatalog.Open(config.Dataset.Name, config.Model.ImageSize, config.Model.Channels, options.DataRoot));
        if (assignment.ResumeFrom is { } checkpoint)
        {
            replica.Load(checkpoints, checkpoint, assignment.TrialHash);
        }

        var outcome = TrainingLoop.Run(
            new TrainingRun
            {
                Replica = replica,
                ActivationMemory = TrialConfigReader.ReadActivationMemory(assignment.ActivationMemory),
                Communicator = communicator,
                Checkpoints = checkpoints,
                SamplesFolder = folders.Samples,
                TrialHash = assignment.TrialHash,
                Report = reports.Step,
                CheckpointWritten = reports.Checkpoint,
                StopRequested = stopRequested,
            },
            abort);
        reports.Flush(abort);
        return outcome;
    }

    /// <summary>Has the trial's grain look at its workers now rather than at its next tick.</summary>
    public void Nudge(string trialId) => grains.GetGrain<ITrialGrain>(trialId).Nudge().Ignore();
}
