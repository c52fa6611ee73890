using System.Collections.Concurrent;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Workers;

/// <summary>
/// Owns a device's thread, and is the only bridge between it and the grains: commands of the quorum protocol go in, reports come out. What
/// to do is decided by <see cref="QuorumParticipant"/> under the lock; the thread does one synchronous thing at a time and may block on its
/// peers, with a deadline.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    private static readonly TimeSpan _leaveDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly BlockingCollection<Action> _deeds = [];
    private readonly Dictionary<string, uint> _promises = [];
    private readonly Thread _thread;
    private readonly Device _device;
    private readonly Func<WorkerTicket, DeviceTrial> _open;
    private readonly ILogger<TrainingSession> _log;
    private CancellationTokenSource _abort = new();
    private TaskCompletionSource _free = Completed();
    private QuorumParticipant _participant;
    private DeviceTrial? _trial;
    private IDisposable? _offer;
    private volatile bool _stopRequested;
    private bool _dismissed;
    private bool _leaving;

    public TrainingSession(Device device, Func<WorkerTicket, DeviceTrial> open, ILogger<TrainingSession> log)
    {
        (_device, _open, _log) = (device, open, log);
        _participant = new QuorumParticipant(device.Id, device.Incarnation);
        _thread = new Thread(Work) { Name = device.Id, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes a command, if there is one, and answers how the worker is.</summary>
    /// <returns>Null while the device belongs to another trial, or has not left it yet.</returns>
    public QuorumReport? Report(WorkerTicket ticket, QuorumCommand? command)
    {
        lock (_gate)
        {
            if (_leaving && _trial is null)
            {
                return Decline(ticket, command);
            }

            if (!Admit(ticket))
            {
                return null;
            }

            if (command is not null)
            {
                var step = _participant.Take(command);
                if (step.Refusal is { } refusal)
                {
                    _log.LogInformation("{Trial} on {Device}: {Refusal}", ticket.TrialId, _device.Id, refusal);
                }

                _participant = step.State;
                _promises[ticket.TrialId] = _participant.Promised;
                Do(step.Deed);
                Offer();
            }

            return _participant.Report with { Obstacle = _trial!.Obstacle };
        }
    }

    /// <summary>The trial has ended or gave the device back: its thread leaves, and what it holds is dropped.</summary>
    public void Dismiss(string trialId)
    {
        lock (_gate)
        {
            if (_trial?.Ticket.TrialId == trialId)
            {
                _dismissed = true;
                Leave();
            }
        }
    }

    /// <summary>The silo is to end: asks the trial to go on without this device, and waits until it does.</summary>
    public async Task Drain(CancellationToken deadline)
    {
        Task free;
        lock (_gate)
        {
            _leaving = true;
            _participant = _participant with { Leaving = true };
            _trial?.Nudge();
            free = _free.Task;
        }

        await free.WaitAsync(deadline);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _abort.Cancel();
            _deeds.CompleteAdding();
        }

        if (!_thread.Join(_leaveDeadline))
        {
            _log.LogWarning("The thread of {Device} did not leave its step within {Deadline}; the process ends without it", _device.Id, _leaveDeadline);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    /// <summary>Whether the device is the trial's. A newer lease takes it over, once the thread has left the trial that had it.</summary>
    private bool Admit(WorkerTicket ticket)
    {
        if (_trial is { } present)
        {
            if ((present.Ticket.TrialId, present.Ticket.TrialHash) == (ticket.TrialId, ticket.TrialHash))
            {
                return !_dismissed;
            }

            // Another trial, or this one begun anew with another seed: nothing of the state is of use to it.
            if (present.Ticket.LeaseToken >= ticket.LeaseToken)
            {
                return false;
            }

            _dismissed = true;
            Leave();
            if (_trial is not null)
            {
                return false;
            }
        }

        _trial = _open(ticket);
        _deeds.Add(_trial.Warm);
        _free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _participant = Beginner(ticket);
        return true;
    }

    private QuorumParticipant Beginner(WorkerTicket ticket) =>
        new(_device.Id, _device.Incarnation) { Promised = _promises.GetValueOrDefault(ticket.TrialId), Leaving = _leaving };

    /// <summary>A device that leaves takes no other trial up, and says so at once rather than have it wait.</summary>
    private QuorumReport Decline(WorkerTicket ticket, QuorumCommand? command)
    {
        var declines = Beginner(ticket);
        declines = command is Halt ? declines.Take(command).State : declines;
        _promises[ticket.TrialId] = declines.Promised;
        return declines.Report;
    }

    /// <summary>Drops the trial now, or has its thread leave first.</summary>
    private void Leave()
    {
        if (_participant.HasThread)
        {
            _ = _abort.CancelAsync();
            return;
        }

        var trial = _trial!;
        (_trial, _dismissed) = (null, false);
        _offer?.Dispose();
        _offer = null;
        _deeds.Add(trial.Dispose);
        _free.TrySetResult();
    }

    private void Do(QuorumDeed deed)
    {
        switch (deed)
        {
            case QuorumDeed.Cancel:
                _ = _abort.CancelAsync();
                break;
            case QuorumDeed.Stop:
                _stopRequested = true;
                break;
            case QuorumDeed.Load or QuorumDeed.Receive or QuorumDeed.Train:
                _abort = new CancellationTokenSource();
                _stopRequested = false;
                var (trial, assignment, abort) = (_trial!, _participant.Assignment!, _abort.Token);
                _deeds.Add(() => Perform(deed, trial, assignment, abort));
                break;
        }
    }

    /// <summary>While others may read the state that this worker holds, and stands still, it is offered.</summary>
    private void Offer()
    {
        if (!_participant.MaySend(_participant.Promised))
        {
            _offer?.Dispose();
            _offer = null;
        }
        else
        {
            _offer ??= _trial!.Offer(_device.Id, _participant.Promised, _participant.Commit!);
        }
    }

    /// <summary>On the device's thread: one deed from start to end. Whatever goes wrong in it becomes a report; the thread lives on.</summary>
    private void Perform(QuorumDeed deed, DeviceTrial trial, Prepare assignment, CancellationToken abort)
    {
        var left = trial.Perform(deed, assignment, () => _stopRequested, abort);
        _log.LogInformation("{Trial} epoch {Epoch} on {Device}: {Exit}, {Reason}", trial.Ticket.TrialId, assignment.Epoch, _device.Id, left.Exit, left.Reason);
        lock (_gate)
        {
            _participant = _participant.Left(left.Exit, left.Held, left.Reason, left.LostPeer, left.Verdict);
            if (_dismissed)
            {
                Leave();
            }
            else
            {
                Offer();
            }
        }

        trial.Nudge();
    }

    private void Work()
    {
        while (!_deeds.IsCompleted)
        {
            if (_deeds.TryTake(out var deed, _reminderPeriod))
            {
                deed();
            }
            else
            {
                Remind();
            }
        }
    }

    /// <summary>
    /// A device that holds a trial and stands still asks for news, again and again: the trial's grain may have died with the peer that was lost, and
    /// the first word with it. Whoever is asked then is a new activation.
    /// </summary>
    private void Remind()
    {
        DeviceTrial? waiting;
        lock (_gate)
        {
            waiting = _participant.HasThread ? null : _trial;
        }

        waiting?.Nudge();
    }
}
