using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>What workers, their threads and their processes do. The invariants are checked where something happens that they speak of.</summary>
internal sealed class WorkerMoves(ModelState state, ModelOptions options)
{
    public static void Enabled(ModelState state, int index, ModelOptions options, List<Move> moves)
    {
        void Add(Happening happening, int other = 0) => moves.Add(new Move(happening, index, other));

        var worker = state.Workers[index];
        if ((state.Leased & (1 << index)) == 0)
        {
            if ((state.Convicted & (1 << index)) == 0)
            {
                Add(Happening.Lease);
            }

            return;
        }

        if (state.Crashes > 0)
        {
            Add(Happening.WorkerDies);
        }

        if (state.Drains > 0 && !worker.Participant.Leaving)
        {
            Add(Happening.Drain);
        }

        if (worker.Thread is not { } thread)
        {
            return;
        }

        if (state.Failures > 0)
        {
            Add(Happening.ThreadFails);
        }

        if (thread.Trains && CanCommit(state, thread, options))
        {
            Add(Happening.Commit);
        }

        if (thread.Trains)
        {
            foreach (var outvoted in Outvotable(state, thread, options))
            {
                Add(Happening.Dispute, outvoted);
            }
        }

        if (thread.Cancelled)
        {
            Add(Happening.Leave);
        }
        else if (thread.Trains)
        {
            if (thread.Updates == options.Updates)
            {
                Add(Happening.Complete);
            }

            for (var peer = 0; peer < state.Workers.Length; peer++)
            {
                if (peer != index && (thread.Members & (1 << peer)) != 0)
                {
                    Add(Happening.LoseAPeer, peer);
                }
            }
        }
        else if (worker.Participant.Assignment!.Source.Member is null)
        {
            Add(Happening.Load);
        }
        else
        {
            Add(Happening.LoseTheSource);
            if (Source(state, worker) is not null)
            {
                Add(thread.FirstHalf is null ? Happening.ReceiveHalf : Happening.ReceiveRest);
            }
        }
    }

    /// <summary>All gradients of the update have been sent; whether and when they arrive here is what the search decides.</summary>
    public static bool CanCommit(ModelState state, ModelThread thread, ModelOptions options) =>
        AllSent(state, thread, options) && state.VerdictOf(thread.Epoch) is null;

    /// <summary>Whom the audit of the thread's update outvoted, where it is at that update; null: nobody.</summary>
    public static int? Disputed(ModelState state, ModelThread thread, ModelOptions options) =>
        state.VerdictOf(thread.Epoch) is { } verdict && verdict.Update == thread.Updates && AllSent(state, thread, options) ? verdict.Outvoted : null;

    /// <summary>Whom the audit of the thread's update may outvote: all ranks come to one verdict, and to none once one of them has committed.</summary>
    private static IEnumerable<int> Outvotable(ModelState state, ModelThread thread, ModelOptions options)
    {
        if (state.VerdictOf(thread.Epoch) is not null)
        {
            return Disputed(state, thread, options) is { } known ? [known] : [];
        }

        var committed = Enumerable.Range(0, state.Workers.Length).Any(member => state.ContributedBy(thread.Epoch, member) > thread.Updates + 1);
        return state.Disputes > 0 && !committed && AllSent(state, thread, options)
            ? Enumerable.Range(0, state.Workers.Length).Where(member => (thread.Members & (1 << member)) != 0)
            : [];
    }

    private static bool AllSent(ModelState state, ModelThread thread, ModelOptions options)
    {
        for (var member = 0; member < state.Workers.Length; member++)
        {
            if ((thread.Members & (1 << member)) != 0 && state.ContributedBy(thread.Epoch, member) <= thread.Updates)
            {
                return false;
            }
        }

        return thread.Updates < options.Updates;
    }

    /// <summary>The source of what a worker receives, if it may be read now.</summary>
    public static ModelWorker? Source(ModelState state, ModelWorker worker)
    {
        var assignment = worker.Participant.Assignment!;
        var source = state.Workers[ModelWorker.IndexOf(assignment.Source.Member!)];
        return source.Device == assignment.Source.Member && source.Participant.MaySend(assignment.Epoch) ? source : null;
    }

    public void Make(Move move)
    {
        var worker = state.Workers[move.Actor];
        var thread = worker.Thread;
        switch (move.Happening)
        {
            case Happening.Commit:
                Commit(worker, thread!);
                break;
            case Happening.LoseAPeer:
                Leave(worker, QuorumExit.PeerLost, Held(worker), ModelWorker.DeviceOf(move.Other, 0).Id);
                break;
            case Happening.Dispute:
                if (state.VerdictOf(thread!.Epoch) is null)
                {
                    state.Judge(thread.Epoch, thread.Updates, move.Other);
                }

                var verdict = new QuorumVerdict(thread.Epoch, thread.Updates, null, ModelWorker.DeviceOf(move.Other, 0).Id, "");
                Leave(worker with { Heard = worker.Heard | (1 << move.Other) }, QuorumExit.AuditFailed, Held(worker), verdict: verdict);
                break;
            case Happening.Complete:
                Leave(worker, QuorumExit.Completed, Held(worker));
                break;
            case Happening.Leave:
                Leave(worker, QuorumExit.Halted, Held(worker));
                break;
            case Happening.ReceiveHalf:
                Put(worker with
                {
                    Thread = thread! with { FirstHalf = Source(state, worker)!.Holds },
                    Holds = options.Mutation == Mutation.CopiesInPlace ? History.Torn : worker.Holds,
                });
                break;
            case Happening.ReceiveRest:
                var whole = Source(state, worker)!.Holds;
                Receive(worker, whole == thread!.FirstHalf ? whole!.Value : History.Torn);
                break;
            case Happening.LoseTheSource:
                Leave(worker, QuorumExit.PeerLost, Held(worker), worker.Participant.Assignment!.Source.Member!.Id);
                break;
            case Happening.Load:
                Receive(worker, worker.Participant.Assignment!.Source.Checkpoint is null ? History.Untrained : state.Durable);
                break;
            case Happening.ThreadFails:
                state.Failures--;
                Leave(worker with { Holds = null }, QuorumExit.Failed, null);
                break;
            case Happening.WorkerDies:
                state.Crashes--;
                Put(ModelWorker.Fresh(worker.Index, worker.Incarnation + 1));
                break;
            case Happening.Drain:
                state.Drains--;
                Put(worker with { Participant = worker.Participant with { Leaving = true } });
                break;
            case Happening.Lease:
                state.Leased |= 1 << worker.Index;
                break;
        }
    }

    public void Deliver(QuorumCommand command)
    {
        var worker = state.Workers[ModelWorker.IndexOf(command.Member)];
        var before = worker.Participant;
        if (options.Mutation == Mutation.BreaksItsPromise && command is not Halt && command.Epoch < before.Promised)
        {
            before = before with { Promised = command.Epoch };
        }

        var step = before.Take(command);
        if (step.Refusal is not null)
        {
            return;
        }

        worker = worker with
        {
            Participant = options.Mutation == Mutation.ForgetsTheVerdict && command is Halt ? step.State with { Verdict = null } : step.State,
        };
        switch (step.Deed)
        {
            case QuorumDeed.Cancel when options.Mutation == Mutation.AnswersBeforeTheThreadLeft:
                worker = worker with
                {
                    Participant = step.State with { Phase = QuorumMemberPhase.Halted, Commit = Held(worker) },
                    Thread = worker.Thread! with { Cancelled = true },
                };
                break;
            case QuorumDeed.Cancel:
                worker = worker with { Thread = worker.Thread! with { Cancelled = true } };
                break;
            case QuorumDeed.Receive or QuorumDeed.Load:
                worker = worker with { Thread = new ModelThread(false, command.Epoch, 0, 0, 0, null, false) };
                break;
            case QuorumDeed.Train:
                worker = Start(worker, command.Epoch);
                break;
        }

        Put(worker);
    }

    private ModelWorker Start(ModelWorker worker, uint epoch)
    {
        var commit = worker.Participant.Commit!;
        var members = worker.Participant.Assignment!.Members.Aggregate(0, (mask, member) => mask | (1 << ModelWorker.IndexOf(member)));
        var updates = (int)commit.Updates;
        if (options.Mutation == Mutation.RedoesTheStep)
        {
            updates -= updates % 2;
        }

        QuorumInvariants.CheckStart(state, worker, epoch, members, options);
        state.Contribute(epoch, worker.Index, updates + 1);
        return worker with { Thread = new ModelThread(true, epoch, members, commit.Epoch, updates, null, false) };
    }

    private void Commit(ModelWorker worker, ModelThread thread)
    {
        QuorumInvariants.CheckCommit(state, worker, thread);
        var epoch = options.Mutation == Mutation.ComparesCountsOnly ? 0 : thread.Epoch;
        state.Contribute(thread.Epoch, worker.Index, thread.Updates + 2);
        Put(worker with
        {
            Holds = History.Append(worker.Holds!.Value, thread.Updates, options.BitsDependOnEpoch ? thread.Epoch : 0),
            Thread = thread with { Updates = thread.Updates + 1, CommitEpoch = epoch },
        });
    }

    private void Receive(ModelWorker worker, ulong received)
    {
        var source = worker.Participant.Assignment!.Source;
        var hash = History.Sha256(received);
        if (worker.Participant.Accepts(hash))
        {
            Leave(worker with { Holds = received }, QuorumExit.Received, source.Commit with { Sha256 = hash });
        }
        else
        {
            Leave(worker, QuorumExit.PeerLost, Held(worker), source.Member?.Id);
        }
    }

    private void Leave(ModelWorker worker, QuorumExit how, QuorumCommit? held, string? lostPeer = null, QuorumVerdict? verdict = null)
    {
        // Under a mutation the participant may have answered for the thread already.
        var participant = worker.Participant.HasThread ? worker.Participant.Left(how, held, "", lostPeer, verdict) : worker.Participant;
        Put(worker with { Participant = participant, Thread = null });
    }

    /// <summary>What the thread says it holds: while receiving, still what it held before.</summary>
    private static QuorumCommit? Held(ModelWorker worker) => worker.Thread is { Trains: true } thread
        ? new QuorumCommit(thread.CommitEpoch, thread.Updates, History.Sha256(worker.Holds!.Value))
        : worker.Participant.Commit;

    private void Put(ModelWorker worker) => state.Workers[worker.Index] = worker.Noted();
}
