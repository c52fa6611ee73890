using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Sweeps;
using DivCo.Protocol;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Trials;

/// <summary>Forms quorums for one trial and watches over them: plumbing around <see cref="TrialLifecycle"/>.</summary>
internal sealed class TrialGrain(
    [PersistentState("trial")] IPersistentState<TrialState> record,
    ServerOptions options,
    TimeProvider time,
    ILogger<TrialGrain> log) : Grain, ITrialGrain
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _workerDeadline = TimeSpan.FromSeconds(3);

    private TrialId _id;
    private MetricsFile _metrics = null!;
    private CheckpointFolder _checkpoints = null!;
    private WorkerRoster _workers = null!;
    private IGrainTimer? _timer;
    private string _waitsFor = "";
    private int _step;
    private Dictionary<string, double> _latest = [];
    private long _revision;

    private TrialState State => record.State;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = TrialId.Parse(this.GetPrimaryKeyString());
        _metrics = new MetricsFile(options.FoldersOf(_id).Metrics);
        _checkpoints = new CheckpointFolder(options.FoldersOf(_id).Checkpoints, time);
        _workers = new WorkerRoster(GrainFactory, time, _workerDeadline);
        (_step, _latest) = await _metrics.Last(cancellationToken);
        Touch();
        if (State.Order is not null && !State.Phase.HasEnded())
        {
            Watch();
        }
    }

    public async Task<TrialReport> Advance(TrialOrder order)
    {
        var before = State;
        await Become(TrialLifecycle.Take(State, order));
        if (before.Order?.Run != State.Order!.Run || (order.Stop && !State.Phase.HasEnded()))
        {
            Watch();
            await Drive();
        }

        return Answer();
    }

    public Task<TrialReport> Status() => Task.FromResult(Answer());

    public async Task<bool> Report(uint epoch, int step, Dictionary<string, double> metrics)
    {
        if (epoch != State.Epoch || State.Phase != TrialPhase.Running)
        {
            return false;
        }

        await _metrics.Append(_id, epoch, step, metrics);

        // A checkpoint is reported when it is durable, which may be after later steps: what they said stays.
        var isLate = step < _step;
        foreach (var (name, value) in metrics.Where(metric => !isLate || !_latest.ContainsKey(metric.Key)))
        {
            _latest[name] = value;
        }

        _step = Math.Max(_step, step);
        Touch();
        return true;
    }

    public async Task<bool> Propose(uint epoch, CheckpointEntry checkpoint)
    {
        if (epoch != State.Epoch || State.Phase != TrialPhase.Running)
        {
            log.LogWarning("{Trial}: the checkpoint {Name} of epoch {Old} is refused; the epoch is {New}", _id, checkpoint.Name, epoch, State.Epoch);
            return false;
        }

        if (State.Proposals.All(known => known.Name != checkpoint.Name))
        {
            await Become(State with { Proposals = [.. State.Proposals, checkpoint] });
            await Report(epoch, checkpoint.Step, checkpoint.Metrics);
        }

        GrainFactory.GetGrain<ICoordinatorGrain>(_id.Sweep).Nudge().Ignore();
        return true;
    }

    public async Task Nudge()
    {
        if (_timer is not null)
        {
            await Drive();
        }
    }

    /// <summary>One look at the world, one decision, one write, then the deed.</summary>
    private async Task Drive()
    {
        var before = State;
        switch (State.Phase)
        {
            case TrialPhase.Queued when State.Order!.Stop:
                await Become(TrialLifecycle.StopQueued(State));
                break;
            case TrialPhase.Queued:
                await Form();
                break;
            case TrialPhase.Running:
                await Supervise();
                break;
            case TrialPhase.Disbanding when await _workers.Leave(_id.ToString(), State):
                await GrainFactory.GetGrain<IDevicePoolGrain>(0).Release(_id.ToString(), State.Lease!.Token);
                await Become(TrialLifecycle.Disbanded(State));
                break;
        }

        if (State.Phase.HasEnded())
        {
            _timer?.Dispose();
            _timer = null;
            DelayDeactivation(TimeSpan.FromMinutes(1));
        }

        if (State.Phase != before.Phase)
        {
            GrainFactory.GetGrain<ICoordinatorGrain>(_id.Sweep).Nudge().Ignore();
        }
    }

    private async Task Form()
    {
        var decision = await GrainFactory.GetGrain<IDevicePoolGrain>(0).Acquire(_id.ToString(), State.Order!.Workers);
        if (decision.Lease is not { } lease)
        {
            if (_waitsFor != decision.Reason)
            {
                _waitsFor = decision.Reason;
                Touch();
            }

            return;
        }

        var (from, note) = await ResumePoint.Find(_checkpoints, [.. State.Proposals.Reverse(), .. State.Order.Checkpoints], State.Order.TrialHash);
        await Become(TrialLifecycle.Form(State, lease, from, note));
        _waitsFor = "";
        await _metrics.CutAfter(from?.Step ?? 0);
        (_step, _latest) = await _metrics.Last(CancellationToken.None);
        await _workers.Start(State);
    }

    private async Task Supervise()
    {
        if (!await GrainFactory.GetGrain<IDevicePoolGrain>(0).Renew(_id.ToString(), State.Lease!.Token))
        {
            await Become(TrialLifecycle.LeaseLost(State));
            return;
        }

        if (State.Order!.Stop)
        {
            await _workers.RequestStop(State);
        }

        await Become(TrialLifecycle.Watch(State, await _workers.Statuses(State)));
    }

    private void Watch()
    {
        _timer ??= this.RegisterGrainTimer(_ => Drive(), new GrainTimerCreationOptions(TimeSpan.Zero, _period) { KeepAlive = true });
    }

    private async Task Become(TrialState next)
    {
        if (ReferenceEquals(next, State))
        {
            return;
        }

        var before = State;
        record.State = next;
        try
        {
            await record.WriteStateAsync();
        }
        catch
        {
            // Another activation wrote first, or the store is away: this one knows nothing any more and is built anew from the record.
            record.State = before;
            DeactivateOnIdle();
            throw;
        }

        if (before.Phase != next.Phase || before.Epoch != next.Epoch)
        {
            log.LogInformation("{Trial} epoch {Epoch}: {Phase}, {Reason}", _id, next.Epoch, next.Phase, next.Reason);
        }

        Touch();
    }

    /// <summary>Revisions are times, so that they grow across restarts of the grain, but never stand still.</summary>
    private void Touch() => _revision = Math.Max(_revision + 1, time.GetUtcNow().ToUnixTimeMilliseconds());

    private TrialReport Answer() => new(
        State.Order?.Run ?? 0,
        State.Phase,
        State.Phase == TrialPhase.Queued && _waitsFor != "" ? _waitsFor : State.Reason,
        State.Epoch,
        _step,
        _latest,
        State.Lease?.Devices.Select(device => device.Id).ToList() ?? [],
        State.Proposals,
        _revision);
}
