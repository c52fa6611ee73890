using System.Collections.Concurrent;
using DivCo.Cluster.Devices;
using DivCo.Collectives;

namespace DivCo.Cluster.Workers;

/// <summary>
/// Owns a device's thread, and is the only bridge between it and the grains: assignments go in, a status and reports come out.
/// The thread runs one synchronous training loop at a time; it may block on its peers, with a deadline.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    private static readonly TimeSpan _leaveDeadline = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly BlockingCollection<Assigned> _work = new(boundedCapacity: 8);
    private readonly Thread _thread;
    private readonly TrialRunner _runner;
    private readonly ILogger<TrainingSession> _log;
    private readonly Device _device;
    private Assigned? _current;
    private WorkerStatus _status = WorkerStatus.Idle;

    public TrainingSession(Device device, TrialRunner runner, ILogger<TrainingSession> log)
    {
        _device = device;
        _runner = runner;
        _log = log;
        _thread = new Thread(RunAssignments) { Name = device.Id, IsBackground = true };
        _thread.Start();
    }

    public WorkerStatus Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    /// <summary>Begins an assignment, once the thread has left the one before; refuses one that is older than what it has.</summary>
    public WorkerStatus Start(WorkerAssignment assignment)
    {
        lock (_gate)
        {
            if (_current is { } current)
            {
                if (current.Assignment.TrialId == assignment.TrialId && current.Assignment.Epoch >= assignment.Epoch)
                {
                    return _status;
                }

                if (_status.Phase == WorkerPhase.Running && current.Assignment.LeaseToken > assignment.LeaseToken)
                {
                    return _status;
                }

                current.Abort.Cancel();
            }

            _current = new Assigned(assignment);
            _status = new WorkerStatus(assignment.TrialId, assignment.Epoch, WorkerPhase.Running, "starts");
            _work.Add(_current);
            return _status;
        }
    }

    public WorkerStatus RequestStop(string trialId, uint epoch)
    {
        lock (_gate)
        {
            if (_status.IsOf(trialId, epoch))
            {
                _current!.StopRequested = true;
            }

            return _status;
        }
    }

    public WorkerStatus Abort(string trialId, uint epoch)
    {
        lock (_gate)
        {
            if (_status.IsOf(trialId, epoch))
            {
                _current!.Abort.Cancel();
            }

            return _status;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _current?.Abort.Cancel();
            _work.CompleteAdding();
        }

        if (!_thread.Join(_leaveDeadline))
        {
            _log.LogWarning("The thread of {Device} did not leave its step within {Deadline}; the process ends without it", _device.Id, _leaveDeadline);
        }
    }

    private void RunAssignments()
    {
        foreach (var assigned in _work.GetConsumingEnumerable())
        {
            var assignment = assigned.Assignment;
            var (phase, reason) = Run(assigned);
            _log.LogInformation("{Trial} epoch {Epoch} on {Device}: {Phase}, {Reason}", assignment.TrialId, assignment.Epoch, _device.Id, phase, reason);
            lock (_gate)
            {
                if (ReferenceEquals(_current, assigned))
                {
                    _status = new WorkerStatus(assignment.TrialId, assignment.Epoch, phase, reason);
                }
            }

            _runner.Nudge(assignment.TrialId);
        }
    }

    /// <summary>One assignment, start to end. Whatever goes wrong in it becomes a status: the thread and the process live on.</summary>
    private (WorkerPhase Phase, string Reason) Run(Assigned assigned)
    {
        try
        {
            var outcome = _runner.Run(assigned.Assignment, () => assigned.StopRequested, assigned.Abort.Token);
            return outcome.Stopped
                ? (WorkerPhase.Stopped, $"stopped after step {outcome.Step}, as asked")
                : (WorkerPhase.Completed, $"finished {outcome.Step} steps");
        }
        catch (OperationCanceledException) when (assigned.Abort.IsCancellationRequested)
        {
            return (WorkerPhase.Aborted, "told to leave the epoch");
        }
        catch (PeerLostException e)
        {
            return (WorkerPhase.PeerLost, e.Message);
        }
        catch (Exception e)
        {
            _log.LogError(e, "{Trial} failed on {Device}", assigned.Assignment.TrialId, _device.Id);
            return (WorkerPhase.Failed, $"{_device.Id}: {e.Message}");
        }
    }

    private sealed class Assigned(WorkerAssignment assignment)
    {
        private volatile bool _stopRequested;

        public WorkerAssignment Assignment { get; } = assignment;

        public CancellationTokenSource Abort { get; } = new();

        public bool StopRequested
        {
            get => _stopRequested;
            set => _stopRequested = value;
        }
    }
}
