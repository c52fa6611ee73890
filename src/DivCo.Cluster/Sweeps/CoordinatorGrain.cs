using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Sweeps;

/// <summary>
/// Drives one sweep: plumbing around <see cref="SweepPlan"/>. It writes its record before it acts, repeats its orders until the trials'
/// reports show them done, and is woken by a reminder after a crash.
/// </summary>
internal sealed class CoordinatorGrain(
    [PersistentState("coordinator")] IPersistentState<CoordinatorState> record,
    ServerOptions options,
    TimeProvider time,
    ILogger<CoordinatorGrain> log) : Grain, ICoordinatorGrain, IRemindable
{
    private const string Reminder = "drive";
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _trialDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How long a sweep may lie after the death of every silo that drove it.</summary>
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, long> _revisions = [];
    private readonly StateCount _count = new(ClusterTelemetry.Sweeps);
    private IGrainTimer? _timer;
    private long _revision;

    private CoordinatorState State => record.State;

    private string Id => this.GetPrimaryKeyString();

    /// <summary>Nothing is left to decide or to delete.</summary>
    private bool IsAtRest => State.Phase.HasEnded() && State.Doomed.Count == 0;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Touch();
        log.LogInformation("{Sweep} is coordinated by this silo", Id);
        Count();
        if (State.Spec is not null && !IsAtRest)
        {
            Watch();
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _count.Move(null);
        return Task.CompletedTask;
    }

    public async Task<bool> Submit(SweepSpec spec, string? trace)
    {
        if (State.Spec is not null)
        {
            return State.Spec.Equals(spec);
        }

        // The reminder first: a sweep that is written but never woken would be forgotten by a crash in between.
        await this.RegisterOrUpdateReminder(Reminder, _reminderPeriod, _reminderPeriod);
        await GrainFactory.GetGrain<ISweepCatalogGrain>(0).Add(Id);
        await SpecFile.Write(options.FolderOf(Id), spec);
        await Become(SweepPlan.Begin(spec, time.GetUtcNow()) with { Trace = trace });
        Watch();
        return true;
    }

    public async Task<Sweep?> Get(bool withTrials)
    {
        if (State.Spec is null)
        {
            return null;
        }

        var live = withTrials ? await Reports(trial => GrainFactory.GetGrain<ITrialGrain>(TrialKey(trial)).Status()) : [];
        return SweepView.Of(Id, live.Count == 0 ? State : SweepPlan.Fold(State, live), withTrials, Revision(live), options);
    }

    public Task<SweepChange> Stop(int? trial) => Change(
        trial, _ => null, state => trial is { } index ? SweepPlan.StopTrial(state, index) : SweepPlan.Stop(state, "stopped, as asked"));

    public Task<SweepChange> Resume(int? trial, string? trace) => Change(
        trial, state => SweepPlan.Unresumable(state, trial), state => SweepPlan.Resume(state, trial) with { Trace = trace ?? state.Trace });

    public Task<IReadOnlyList<Checkpoint>?> Checkpoints(int trial) => Task.FromResult<IReadOnlyList<Checkpoint>?>(
        State.Trials.FirstOrDefault(known => known.Index == trial) is { } record
            ? [.. record.Checkpoints.Select(entry => SweepView.Of(TrialKey(record), entry))]
            : null);

    public async Task Nudge()
    {
        if (_timer is not null)
        {
            await Drive();
        }
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => State.Spec is null || IsAtRest ? Rest() : Task.CompletedTask;

    /// <summary>What cannot be written now is decided again at the next tick.</summary>
    private async Task Drive()
    {
        try
        {
            await Proceed();
        }
        catch (Exception e) when (StorageRefusal.Of(e) is { } obstacle)
        {
            log.LogWarning("{Sweep}: {Obstacle}", Id, obstacle);
        }
        catch (Exception e) when (StorageRefusal.IsAway(e))
        {
            log.LogWarning("{Sweep}: {Message}", Id, e.Message);
        }
    }

    private async Task Proceed()
    {
        var reports = await Reports(trial => GrainFactory.GetGrain<ITrialGrain>(TrialKey(trial)).Advance(Order(trial)));
        await Become(SweepPlan.Next(SweepPlan.Doom(SweepPlan.Fold(State, reports), Orphans(reports))));
        await DeleteDoomed();
        if (IsAtRest)
        {
            await Rest();
        }
    }

    private async Task<SweepChange> Change(int? trial, Func<CoordinatorState, string?> refuse, Func<CoordinatorState, CoordinatorState> decide)
    {
        if (State.Spec is null || (trial is { } index && State.Trials.All(known => known.Index != index)))
        {
            return new SweepChange(null);
        }

        if (refuse(State) is { } refusal)
        {
            return new SweepChange(null, refusal);
        }

        await Become(decide(State));
        if (!State.Phase.HasEnded())
        {
            await this.RegisterOrUpdateReminder(Reminder, _reminderPeriod, _reminderPeriod);
            Watch();
        }

        return new SweepChange(SweepView.Of(Id, State, withTrials: true, _revision, options));
    }

    private TrialOrder Order(TrialRecord trial)
    {
        var resolved = SweepPlan.Resolve(State.Spec!, trial);
        return new TrialOrder(trial.Run, TrialHash.Of(resolved), resolved, State.Spec!.Resources, trial.Stop, [.. trial.Checkpoints.Reverse()]) { Trace = State.Trace };
    }

    /// <summary>Asks every trial that has not ended; one that does not answer in time is asked again at the next tick.</summary>
    private async Task<Dictionary<int, TrialReport>> Reports(Func<TrialRecord, Task<TrialReport>> ask)
    {
        var answers = State.Trials.Where(trial => !trial.Phase.HasEnded()).Select(async trial =>
        {
            try
            {
                return (trial.Index, Report: (TrialReport?)await ask(trial).WaitAsync(_trialDeadline, time));
            }
            catch (Exception e)
            {
                log.LogWarning("{Trial} did not answer: {Message}", TrialKey(trial), e.Message);
                return (trial.Index, Report: null);
            }
        });
        return (await Task.WhenAll(answers)).Where(answer => answer.Report is not null).ToDictionary(answer => answer.Index, answer => answer.Report!);
    }

    private async Task DeleteDoomed()
    {
        if (State.Doomed.Count == 0)
        {
            return;
        }

        var doomed = State.Doomed;
        var deleted = await Task.Run(() => doomed.Where(Delete).ToList());
        await Become(State with { Doomed = [.. State.Doomed.Except(deleted)] });
    }

    /// <summary>False where the file system refuses; then it is tried again at the next tick.</summary>
    private bool Delete(DoomedCheckpoint doomed)
    {
        try
        {
            Folder(doomed.Trial).Delete(doomed.Name);
            return true;
        }
        catch (CheckpointException e)
        {
            log.LogWarning("{Message}", e.Message);
            return false;
        }
    }

    /// <summary>Folders of trials that just ended and that no ledger knows: a worker wrote them and was lost before it could say so.</summary>
    private List<DoomedCheckpoint> Orphans(Dictionary<int, TrialReport> reports) =>
        [.. reports.Where(entry => entry.Value.Phase.HasEnded())
            .SelectMany(entry => Folder(entry.Key).Names().Select(name => new DoomedCheckpoint(entry.Key, name)))];

    private CheckpointFolder Folder(int trial) => new(options.FoldersOf(new TrialId(Id, trial)).Checkpoints, time);

    private void Watch() =>
        _timer ??= this.RegisterGrainTimer(_ => Drive(), new GrainTimerCreationOptions(TimeSpan.Zero, _period) { KeepAlive = true });

    private async Task Rest()
    {
        _timer?.Dispose();
        _timer = null;
        if (await this.GetReminder(Reminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private async Task Become(CoordinatorState next)
    {
        if (!SweepPlan.IsDecision(State, next))
        {
            return;
        }

        var before = State;
        using var span = Traces.Begin($"sweep {ClusterTelemetry.Word(next.Phase)}", next.Trace)?.SetTag("divco.sweep.id", Id).SetTag("divco.reason", next.Reason);
        record.State = next.Trace == before.Trace || span is null ? next : next with { Trace = span.Id };
        try
        {
            await record.WriteStateAsync();
        }
        catch (Exception e)
        {
            // Another activation wrote first: what was not written did not happen. Where a file system refused or the Redis is away, this
            // activation may try again.
            record.State = before;
            if (StorageRefusal.Of(e) is null && !StorageRefusal.IsAway(e))
            {
                DeactivateOnIdle();
            }

            throw;
        }

        Touch();
        Count();
        if (before.Spec is null || before.Phase != next.Phase)
        {
            ClusterTelemetry.Became(next.Phase, SweepPlan.Cause(next));
            log.LogInformation("{Sweep}: {Phase}, {Reason}", Id, next.Phase, next.Reason);
        }
    }

    private void Count() => _count.Move(State.Spec is null || State.Phase.HasEnded() ? null : ClusterTelemetry.Word(State.Phase));

    private string TrialKey(TrialRecord trial) => new TrialId(Id, trial.Index).ToString();

    /// <summary>Revisions are times, so that they grow across restarts of the grain, but never stand still.</summary>
    private void Touch() => _revision = Math.Max(_revision + 1, time.GetUtcNow().ToUnixTimeMilliseconds());

    private long Revision(Dictionary<int, TrialReport> live) =>
        live.Values.Select(report => report.Revision).Append(_revision).Max();
}
