using System.Diagnostics;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Trials;
using DivCo.Collectives;
using DivCo.Protocol;
using DivCo.Training;
using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Workers;

/// <summary>How a deed ended, and what the device holds then.</summary>
internal sealed record DeviceExit(QuorumExit Exit, QuorumCommit? Held, string Reason, string? LostPeer = null, QuorumVerdict? Verdict = null);

/// <summary>One trial on one device: the replica that lives through quorum epochs, and the deeds that are done to it on the device's thread.</summary>
internal sealed class DeviceTrial(
    WorkerTicket ticket, ServerOptions options, ExchangeHub hub, IGrainFactory grains, TimeProvider time, ILogger<DeviceTrial> log) : IDisposable
{
    private readonly CheckpointFolder _checkpoints = new(options.FoldersOf(TrialId.Parse(ticket.TrialId)).Checkpoints, time);
    private readonly OutputGate _output = new();
    private TrainingReplica? _replica;
    private TrialEvaluation? _evaluation;
    private QuorumCommit? _held;

    public WorkerTicket Ticket => ticket;

    /// <summary>Why the training stands still: what cannot be written. Null: it does not.</summary>
    public string? Obstacle => _output.Obstacle;

    /// <summary>Has the trial's grain look at its workers now rather than at its next tick.</summary>
    public void Nudge()
    {
        try
        {
            grains.GetGrain<ITrialGrain>(ticket.TrialId).Nudge().Ignore();
        }
        catch (ObjectDisposedException)
        {
            // The server has ended meanwhile: nobody here is to be told, and the trial's next silo looks for itself.
        }
    }

    /// <summary>
    /// Makes the replica as soon as the trial has spoken to the device, while others may still train: an epoch that this worker joins waits for
    /// its state, and should not wait for data and kernels to be loaded too.
    /// </summary>
    public void Warm()
    {
        try
        {
            Replica();
        }
        catch (Exception e)
        {
            // The deed that needs it meets the same again, and reports it.
            log.LogDebug(e, "{Trial} cannot be prepared", ticket.TrialId);
        }
    }

    /// <summary>Lets the laggards and joiners of an epoch read the state, until disposed of.</summary>
    public IDisposable Offer(string deviceId, uint epoch, QuorumCommit commit)
    {
        var replica = _replica!;
        return hub.OfferState(ticket.TrialId, epoch, new StateOffer(deviceId, replica.StateBytes, commit.Updates, commit.Sha256, replica.Write));
    }

    /// <summary>Does a deed; whatever goes wrong becomes its exit.</summary>
    public DeviceExit Perform(QuorumDeed deed, Prepare assignment, Func<bool> stopRequested, CancellationToken abort)
    {
        using var span = Traces.Begin($"worker {ClusterTelemetry.Word(deed)}", ticket.Trace)
            ?.SetTag("divco.trial.id", ticket.TrialId).SetTag(TrainingTelemetry.Device, assignment.Member.Id).SetTag("divco.epoch", assignment.Epoch).SetTag("divco.rank", assignment.Rank);
        var exit = Try(deed, assignment, stopRequested, abort);
        span?.SetTag("divco.exit", ClusterTelemetry.Word(exit.Exit));
        if (exit.Exit is QuorumExit.Failed or QuorumExit.PeerLost or QuorumExit.AuditFailed)
        {
            span?.SetStatus(ActivityStatusCode.Error, exit.Reason);
        }

        return exit;
    }

    public void Dispose()
    {
        _replica?.Dispose();
        (_replica, _held) = (null, null);
    }

    private DeviceExit Try(QuorumDeed deed, Prepare assignment, Func<bool> stopRequested, CancellationToken abort)
    {
        try
        {
            return deed switch
            {
                QuorumDeed.Train => Train(assignment, stopRequested, abort),
                QuorumDeed.Receive => Receive(assignment.Source, assignment.Epoch, abort),
                _ => Load(assignment.Source),
            };
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return new DeviceExit(QuorumExit.Halted, Held(assignment.Epoch), "halted, as told");
        }
        catch (PeerLostException e)
        {
            return new DeviceExit(QuorumExit.PeerLost, Held(assignment.Epoch), e.Message, e.Member);
        }
        catch (AuditException e)
        {
            var verdict = new QuorumVerdict(assignment.Epoch, e.Update, e.Shard, e.Member, e.Message);
            return new DeviceExit(QuorumExit.AuditFailed, Held(assignment.Epoch), e.Message, Verdict: verdict);
        }
        catch (Exception e)
        {
            log.LogError(e, "{Trial} failed", ticket.TrialId);
            Dispose();
            return new DeviceExit(QuorumExit.Failed, null, e.Message);
        }
    }

    private DeviceExit Train(Prepare assignment, Func<bool> stopRequested, CancellationToken abort)
    {
        _held = _held! with { Epoch = assignment.Source.Commit.Epoch };
        var members = assignment.Members.Select(member => member.Id).ToList();
        var quorum = new Quorum(ticket.TrialId, assignment.Epoch, members, [.. assignment.Members.Select(member => member.Exchange)]);
        using var communicator = hub.Join(quorum, assignment.Rank, ExchangeTimeouts.Default, abort);
        using var reports = new TrialReports(grains.GetGrain<ITrialGrain>(ticket.TrialId), ticket.TrialId, assignment.Epoch, _output, time, log);
        if (assignment.Rank == 0)
        {
            reports.Repeat(_replica!.RecentReports);
        }

        var outcome = TrainingLoop.Run(
            new TrainingRun
            {
                Replica = _replica!,
                ActivationMemory = TrialConfigReader.ReadActivationMemory(ticket.Resources.ActivationMemory),
                Audit = ticket.Resources.Audit,
                Communicator = communicator,
                Checkpoints = _checkpoints,
                SamplesFolder = options.FoldersOf(TrialId.Parse(ticket.TrialId)).Samples,
                TrialHash = ticket.TrialHash,
                Trial = TrialFile.Write(ticket.Trial),
                Evaluation = _evaluation,
                Report = reports.Step,
                CheckpointWritten = reports.Checkpoint,
                Output = _output,
                StopRequested = () => stopRequested() || _replica!.Step + 1 >= options.StopAfterStep,
            },
            abort);
        reports.Flush(abort);
        return outcome.Stopped
            ? new DeviceExit(QuorumExit.Stopped, Held(assignment.Epoch), $"stopped after step {outcome.Step}, as asked")
            : new DeviceExit(QuorumExit.Completed, Held(assignment.Epoch), $"finished {outcome.Step} steps");
    }

    private DeviceExit Receive(QuorumSource source, uint epoch, CancellationToken abort)
    {
        var replica = Replica();
        var member = source.Member!;
        using var state = hub.FetchState(ticket.TrialId, epoch, member.Id, member.Exchange, ExchangeTimeouts.Default, abort);
        try
        {
            replica.Receive(state, state.Bytes, state.Updates, source.Commit.Sha256, abort);
        }
        catch (InvalidDataException e)
        {
            return new DeviceExit(QuorumExit.PeerLost, _held, $"the state of {member.Id} is not accepted: {e.Message}", member.Id);
        }

        _held = source.Commit;
        return new DeviceExit(QuorumExit.Received, _held, $"received {source}");
    }

    private DeviceExit Load(QuorumSource source)
    {
        var replica = Replica();
        if (source.Checkpoint is { } checkpoint)
        {
            replica.Load(_checkpoints, checkpoint.Path, ticket.TrialHash);
        }
        else if (replica.Updates > 0)
        {
            replica.Reset();
        }

        _held = source.Commit with { Sha256 = replica.Sha256() };
        return new DeviceExit(QuorumExit.Received, _held, $"loaded {source}");
    }

    private TrainingReplica Replica()
    {
        if (_replica is null)
        {
            var config = TrialConfigReader.Read(ticket.Trial);
            var dataset = DatasetCatalog.Open(config, Split.Train, options.DataRoot);
            DatasetRecord.Check(options.FoldersOf(TrialId.Parse(ticket.TrialId)).Dataset, dataset);
            _evaluation = TrialConfigReader.ReadEvaluation(
                ticket.Trial, () => DatasetCatalog.Open(config, Split.Test, options.DataRoot), options.FeatureNets);
            _replica = new TrainingReplica(config, dataset);
        }

        return _replica;
    }

    /// <summary>What the replica stands at. A commit made since the last look was made in this epoch.</summary>
    private QuorumCommit? Held(uint epoch)
    {
        if (_replica is { } replica && _held is { } before && replica.Updates != before.Updates)
        {
            _held = new QuorumCommit(epoch, replica.Updates, replica.Sha256());
        }

        return _held;
    }
}
