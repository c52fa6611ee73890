using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Workers;
using DivCo.Protocol;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Trials;

/// <summary>Leads one trial: looks at its devices and workers, has the pure machines decide, writes, then does what was decided.</summary>
internal sealed class TrialGrain(
    [PersistentState("trial")] IPersistentState<TrialState> record,
    ServerOptions options,
    LivingSilos silos,
    TimeProvider time,
    ILogger<TrialGrain> log) : Grain, ITrialGrain
{
    /// <summary>A decision may make the next one possible at once; beyond this the timer goes on.</summary>
    private const int MaxRounds = 8;

    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(500);

    private readonly StateCount _count = new(ClusterTelemetry.Trials);
    private TrialId _id;
    private TrialProgress _progress = null!;
    private ResumePoint _resume = null!;
    private WorkerRoster _workers = null!;
    private IGrainTimer? _timer;
    private string _waitsFor = "";
    private string _unwritten = "";
    private string? _told;
    private long? _formingSince;

    private TrialState State => record.State;

    private int UpdatesPerStep => TrialConfigReader.Read(State.Order!.Trial).UpdatesPerStep;

    private IDevicePoolGrain Pool => GrainFactory.GetGrain<IDevicePoolGrain>(0);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = TrialId.Parse(this.GetPrimaryKeyString());
        _progress = await TrialProgress.Open(_id, options.FoldersOf(_id).Metrics, time, cancellationToken);
        _resume = new ResumePoint(new CheckpointFolder(options.FoldersOf(_id).Checkpoints, time));
        _workers = new WorkerRoster(GrainFactory, silos, time);
        log.LogInformation("{Trial} is led by this silo", _id);
        Count();
        if (State.Order is not null && !State.Phase.HasEnded())
        {
            Watch();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _count.Move(null);
        return Task.CompletedTask;
    }

    public async Task<TrialReport> Advance(TrialOrder order)
    {
        var before = State.Order;
        await Become(TrialLifecycle.Take(State, order));
        if (before?.Run != State.Order!.Run || (before.Stop != order.Stop && !State.Phase.HasEnded()))
        {
            Watch();
            await Drive();
        }

        return Answer();
    }

    public Task<TrialReport> Status() => Task.FromResult(Answer());

    public async Task<string?> Report(uint epoch, int step, Dictionary<string, double> metrics) =>
        epoch == State.Quorum.Epoch && State.Phase == TrialPhase.Running && step > _progress.Step
            ? await Obstacle(() => _progress.Add(epoch, step, metrics))
            : null;

    public async Task<string?> Propose(uint epoch, CheckpointEntry checkpoint)
    {
        if (epoch != State.Quorum.Epoch || State.Phase != TrialPhase.Running)
        {
            log.LogWarning("{Trial}: the checkpoint {Name} of epoch {Old} is refused; the epoch is {New}", _id, checkpoint.Name, epoch, State.Quorum.Epoch);
            return null;
        }

        // The line first: it may be said again. A proposal that is written is not.
        var obstacle = State.Proposals.Any(known => known.Name == checkpoint.Name) ? null : await Obstacle(async () =>
        {
            if (_told != checkpoint.Name)
            {
                await _progress.Add(epoch, checkpoint.Step, checkpoint.Metrics);
                _told = checkpoint.Name;
            }

            await Become(State with { Proposals = [.. State.Proposals, checkpoint] });
        });
        GrainFactory.GetGrain<ICoordinatorGrain>(_id.Sweep).Nudge().Ignore();
        return obstacle;
    }

    public async Task Nudge()
    {
        if (_timer is not null)
        {
            await Drive();
        }
    }

    /// <summary>What cannot be written is shown, and tried again at the next tick.</summary>
    private async Task Drive()
    {
        try
        {
            if (await Obstacle(Proceed) is { } obstacle)
            {
                Await(StorageRefusal.Pause(obstacle));
            }
        }
        catch (Exception e) when (StorageRefusal.IsAway(e))
        {
            log.LogWarning("{Trial}: {Message}", _id, e.Message);
        }
    }

    /// <summary>What keeps something from being written, if the file system refuses; null: it is written.</summary>
    private async Task<string?> Obstacle(Func<Task> write)
    {
        try
        {
            await write();
            return null;
        }
        catch (Exception e) when (StorageRefusal.Of(e) is { } obstacle)
        {
            log.LogWarning("{Trial}: {Obstacle}", _id, obstacle);
            return obstacle;
        }
    }

    private async Task Proceed()
    {
        var before = State.Phase;
        await Quarantine();
        if (State.Phase == TrialPhase.Queued && State.Order!.Stop)
        {
            await Pool.Release(_id.ToString(), 0);
            await Become(TrialLifecycle.StopWaiting(State));
        }
        else if (State.Phase == TrialPhase.Queued)
        {
            await Acquire();
        }

        while (State.Phase == TrialPhase.Running)
        {
            await Lead();
            if (!await Quarantine())
            {
                break;
            }
        }

        if (State.Phase.HasEnded())
        {
            await End();
        }

        if (State.Phase != before)
        {
            GrainFactory.GetGrain<ICoordinatorGrain>(_id.Sweep).Nudge().Ignore();
        }
    }

    /// <summary>Hands a device that an audit outvoted over to the pool's quarantine; again after a crash, until that is written. False: there is none.</summary>
    private async Task<bool> Quarantine()
    {
        if (State.Quorum.Verdict is not { Outvoted: { } device } verdict)
        {
            return false;
        }

        log.LogError("{Trial} epoch {Epoch}: {Device} goes into quarantine. {Evidence}", _id, verdict.Epoch, device, verdict.Evidence);
        await Pool.Quarantine(new Quarantine(device, _id.ToString(), verdict.Update, verdict.Shard, verdict.Evidence, time.GetUtcNow()));
        await _workers.Dismiss(_id.ToString(), State.Lease?.Devices.Where(leased => leased.Id == device) ?? []);
        await Become(TrialLifecycle.Quarantined(State));
        return true;
    }

    private async Task Acquire()
    {
        var decision = await Pool.Acquire(_id.ToString(), State.Order!.Size.Min, State.Order.Size.Max);
        Await(decision.Lease is null ? decision.Reason : "");
        if (decision.Lease is { } lease)
        {
            await Become(TrialLifecycle.Lease(State, lease));
        }
    }

    /// <summary>Rounds of look, decide, write, act, until a round changes nothing.</summary>
    private async Task Lead()
    {
        var extension = await Pool.Extend(_id.ToString(), State.Lease!.Token, State.Order!.Size.Max);
        if (extension.Lease is not { } lease || extension.Yield)
        {
            await Pool.Release(_id.ToString(), State.Lease.Token);
            await Become(TrialLifecycle.Requeue(State, extension.Reason));
            return;
        }

        if (lease.Token != State.Lease.Token || !lease.Devices.SequenceEqual(State.Lease.Devices))
        {
            await Become(State with { Lease = lease });
        }

        var sightings = await _workers.Look(_id.ToString(), State);
        for (var round = 0; round < MaxRounds; round++)
        {
            var view = await See(extension, sightings);
            var decision = QuorumLifecycle.Next(State.Quorum, view, State.Order!.Size, QuorumTimeouts.Default);
            var finished = decision.State.Members.Count > 0 ? view.Of(decision.State.Members[0], decision.State.Epoch)?.Phase : null;
            var before = State;
            await Become(TrialLifecycle.Follow(State, decision, finished));
            Measure(before.Quorum.Phase, decision.Cause);
            await _progress.CutBack(State.Quorum, UpdatesPerStep);
            Await(decision.Reason == State.Reason ? "" : decision.Reason);
            if (decision.IsVacated)
            {
                await _workers.Dismiss(_id.ToString(), lease.Devices);
                await Pool.Release(_id.ToString(), lease.Token);
                return;
            }

            if (decision.Release.Count > 0)
            {
                await _workers.Dismiss(_id.ToString(), decision.Release);
                await Pool.Shrink(_id.ToString(), lease.Token, [.. decision.Release.Select(device => device.Id)]);
            }

            var isNew = await _workers.Tell(_id.ToString(), State, decision.Commands, sightings);
            if (State.Phase != TrialPhase.Running || State.Quorum.Verdict is not null || (ReferenceEquals(before, State) && !isNew))
            {
                break;
            }
        }

        if (State.Phase == TrialPhase.Running && State.Order!.Stop && State.Quorum.Phase == QuorumPhase.Halting
            && time.GetUtcNow() - State.Quorum.Since > QuorumTimeouts.Default.Halt + QuorumTimeouts.Default.Silence)
        {
            await Become(TrialLifecycle.StopWaiting(State));
        }
    }

    private async Task<QuorumView> See(LeaseExtension extension, IReadOnlyDictionary<string, QuorumSighting> sightings)
    {
        var lease = State.Lease!;
        var lost = extension.Lost.Concat(lease.Devices.Where(device => !silos.Has(device.Silo)).Select(device => device.Id)).ToHashSet();

        // Checkpoints are proven only when one may be needed: while members are chosen.
        var checkpoint = State.Quorum.Phase == QuorumPhase.Halting
            ? await _resume.Find([.. State.Proposals.Reverse(), .. State.Order!.Checkpoints], State.Order.TrialHash, lease.Devices[0].HardwareClass)
            : null;
        var durable = checkpoint is null ? QuorumSource.Beginning : QuorumSource.Of(checkpoint, UpdatesPerStep);
        return new QuorumView(lease.Devices, lost, sightings, durable, State.Order!.Stop, time.GetUtcNow());
    }

    /// <summary>Workers forget the trial, and the devices go back.</summary>
    private async Task End()
    {
        if (State.Lease is { } lease)
        {
            await _workers.Dismiss(_id.ToString(), lease.Devices);
            await Pool.Release(_id.ToString(), lease.Token);
            await Become(State with { Lease = null });
        }

        _timer?.Dispose();
        _timer = null;
    }

    private void Measure(QuorumPhase before, QuorumCause? cause)
    {
        if (cause is { } began)
        {
            ClusterTelemetry.EpochBegan(began);
            _formingSince ??= time.GetTimestamp();
        }

        if (before != QuorumPhase.Running && State.Quorum.Phase == QuorumPhase.Running && _formingSince is { } since)
        {
            ClusterTelemetry.EpochRuns(time.GetElapsedTime(since));
            _formingSince = null;
        }
    }

    private void Count() => _count.Move(State.Order is null || State.Phase.HasEnded() ? null : ClusterTelemetry.Word(State.Phase));

    private void Watch() =>
        _timer ??= this.RegisterGrainTimer(_ => Drive(), new GrainTimerCreationOptions(TimeSpan.Zero, _period) { KeepAlive = true });

    private void Await(string what)
    {
        if (_waitsFor != what)
        {
            _waitsFor = what;
            _progress.Touch();
        }
    }

    private void Unwritten(string note)
    {
        if (_unwritten != note)
        {
            _unwritten = note;
            _progress.Touch();
        }
    }

    private async Task Become(TrialState next)
    {
        if (ReferenceEquals(next, State))
        {
            return;
        }

        var before = State;
        using var span = Traces.Begin($"trial {ClusterTelemetry.Word(next.Phase)}", next.Trace)
            ?.SetTag("divco.trial.id", _id.ToString()).SetTag("divco.epoch", next.Quorum.Epoch).SetTag("divco.reason", next.Reason);
        record.State = next.Trace == before.Trace || span is null ? next : next with { Trace = span.Id };
        try
        {
            await record.WriteStateAsync();
        }
        catch (Exception e)
        {
            // Another activation wrote first: this one knows nothing any more and is built anew from the record. What a file system refused, or
            // a Redis that is away, was not written, and this one can write it later; had it been, that is told by the next attempt.
            record.State = before;
            if (StorageRefusal.IsAway(e))
            {
                Unwritten("; what it decides waits for the Redis, which does not answer");
            }
            else if (StorageRefusal.Of(e) is null)
            {
                DeactivateOnIdle();
            }

            throw;
        }

        Unwritten("");
        Count();
        if (before.Order is null || before.Phase != next.Phase)
        {
            ClusterTelemetry.Became(next.Phase, TrialLifecycle.Cause(before, next));
        }

        if (before.Phase != next.Phase || before.Reason != next.Reason)
        {
            log.LogInformation("{Trial} epoch {Epoch}: {Phase}, {Reason}", _id, next.Quorum.Epoch, next.Phase, next.Reason + _resume.Note);
        }

        _progress.Touch();
    }

    private TrialReport Answer() => new(
        State.Order?.Run ?? 0,
        State.Phase,
        (_waitsFor == "" || State.Phase.HasEnded() ? State.Reason : _waitsFor) + _unwritten + _resume.Note,
        State.Quorum.Epoch,
        _progress.Step,
        _progress.Latest,
        [.. State.Quorum.Phase is QuorumPhase.Running or QuorumPhase.Syncing && State.Lease is not null ? State.Quorum.Members.Select(member => member.Id) : []],
        State.Proposals,
        _progress.Revision);
}
