using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>
/// From any state on, faults stop and everybody does what it should: one activation leads, messages arrive, threads find out that peers
/// are gone. The trial must then finish, whatever happened before.
/// </summary>
internal static class FairRun
{
    private const int Rounds = 60;

    /// <returns>Null where it finished with every update once; else how far it came.</returns>
    public static string? Outcome(QuorumModel model, ModelState state)
    {
        state = state.Copy();
        (state.Crashes, state.Failures, state.Drains, state.Disputes, state.ActivationFaults) = (0, 0, 0, 0, 1);
        state.Leased = ((1 << state.Workers.Length) - 1) & ~state.Convicted;
        state.Activations = [null, null];
        state.Activations[0] = TrialMoves.Read(state);
        for (var round = 0; round < Rounds; round++)
        {
            state = Threads(model, state);
            state = Look(model, state);
            state = state.Record.Verdict is null ? state : model.Apply(state, new Move(Happening.Quarantine))!;
            for (var message = 0; message < state.Messages.Length; message++)
            {
                state = model.Apply(state, new Move(Happening.Deliver, message))!;
            }

            if (state.Violation is not null)
            {
                return state.Violation;
            }

            if (state.Record.Phase == QuorumPhase.Finished)
            {
                var members = state.Record.Members.Select(member => state.Workers[ModelWorker.IndexOf(member)]);
                return members.All(member => member.Holds is not { } holds || History.IsWhole(holds, model.Options.Updates)) ? null : "finished with another history";
            }
        }

        return $"still {state.Record.Phase} in epoch {state.Record.Epoch} after {Rounds} rounds: {state.Record.Reason}; "
            + string.Join(", ", state.Workers.Select(worker => $"{worker.Device.Id} {worker.Participant.Phase} in epoch {worker.Participant.Promised}"));
    }

    /// <summary>Time passes only where nothing else happens.</summary>
    private static ModelState Look(QuorumModel model, ModelState state)
    {
        var soon = model.Apply(state, new Move(Happening.Look), bounded: false)!;
        return soon.Version == state.Version && soon.Messages.Length == state.Messages.Length && ModelHash.Of(soon) == ModelHash.Of(state)
            ? model.Apply(state, new Move(Happening.LookLate), bounded: false)!
            : soon;
    }

    private static ModelState Threads(QuorumModel model, ModelState state)
    {
        for (var worker = 0; worker < state.Workers.Length; worker++)
        {
            while (Next(state, worker, model.Options) is { } move)
            {
                state = model.Apply(state, move)!;
            }
        }

        return state;
    }

    private static Move? Next(ModelState state, int index, ModelOptions options)
    {
        var worker = state.Workers[index];
        if (worker.Thread is not { } thread)
        {
            return null;
        }

        if (thread.Cancelled)
        {
            return new Move(Happening.Leave, index);
        }

        if (!thread.Trains)
        {
            return worker.Participant.Assignment!.Source.Member is not { } device ? new Move(Happening.Load, index)
                : WorkerMoves.Source(state, worker) is not null
                    ? new Move(thread.FirstHalf is null ? Happening.ReceiveHalf : Happening.ReceiveRest, index)
                    : IsGone(state, ModelWorker.IndexOf(device), thread.Epoch) ? new Move(Happening.LoseTheSource, index) : null;
        }

        if (WorkerMoves.Disputed(state, thread, options) is { } outvoted)
        {
            return new Move(Happening.Dispute, index, outvoted);
        }

        if (WorkerMoves.CanCommit(state, thread, options))
        {
            return new Move(Happening.Commit, index);
        }

        if (thread.Updates == options.Updates)
        {
            return new Move(Happening.Complete, index);
        }

        for (var peer = 0; peer < state.Workers.Length; peer++)
        {
            if (peer != index && (thread.Members & (1 << peer)) != 0 && IsGone(state, peer, thread.Epoch))
            {
                return new Move(Happening.LoseAPeer, index, peer);
            }
        }

        return null;
    }

    /// <summary>A peer that has left this epoch, or will never reach it.</summary>
    private static bool IsGone(ModelState state, int peer, uint epoch)
    {
        var participant = state.Workers[peer].Participant;
        return participant.Promised != epoch || participant.Phase is QuorumMemberPhase.PeerLost or QuorumMemberPhase.Failed or QuorumMemberPhase.AuditFailed;
    }
}
