using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>What activations of the trial's grain do: look, decide, write, send; die and begin again from the record.</summary>
internal sealed class TrialMoves(ModelState state, ModelOptions options)
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _late = _now + TimeSpan.FromHours(1);
    private static readonly HashSet<string> _none = [];

    public static void Enabled(ModelState state, List<Move> moves)
    {
        for (var slot = 0; slot < 2; slot++)
        {
            if (state.Activations[slot] is not { } activation)
            {
                if (state.ActivationFaults > 0 || state.Activations[1 - slot] is null)
                {
                    moves.Add(new Move(Happening.Activate, slot));
                }

                continue;
            }

            moves.Add(new Move(Happening.Look, slot));
            moves.Add(new Move(Happening.LookLate, slot));
            for (var worker = 0; worker < state.Workers.Length; worker++)
            {
                if ((state.Leased & (1 << worker)) != 0)
                {
                    moves.Add(new Move(Happening.LookWithout, slot, worker));
                    moves.Add(new Move(Happening.LookPast, slot, worker));
                    if (activation.Older[worker] is not null)
                    {
                        moves.Add(new Move(Happening.LookBack, slot, worker));
                    }
                }
            }

            if (activation.State.Verdict is not null)
            {
                moves.Add(new Move(Happening.Quarantine, slot));
            }

            if (state.ActivationFaults > 0)
            {
                moves.Add(new Move(Happening.ActivationDies, slot));
            }

            if (activation.Version == state.Version && Rank0(activation, state) is { } rank0 && Proposal(rank0) is { } proposal && proposal != state.Durable)
            {
                moves.Add(new Move(Happening.WriteCheckpoint, slot));
            }
        }
    }

    public static ModelActivation Read(ModelState state) => new(
        state.Record, state.Version, new QuorumReport?[state.Workers.Length], new QuorumReport?[state.Workers.Length],
        [.. state.Workers.Select(worker => worker.Incarnation)]);

    /// <summary>False where the move leads beyond the bounds of the search.</summary>
    public bool Make(Move move, bool bounded)
    {
        var slot = move.Actor;
        switch (move.Happening)
        {
            case Happening.Activate:
                state.ActivationFaults -= state.Activations[1 - slot] is null ? 0 : 1;
                state.Activations[slot] = Read(state);
                return true;
            case Happening.ActivationDies:
                state.ActivationFaults--;
                state.Activations[slot] = null;
                return true;
            case Happening.Quarantine:
                Quarantine(slot);
                return true;
            case Happening.WriteCheckpoint:
                var thread = Rank0(state.Activations[slot]!, state)!;
                state.Durable = Proposal(thread)!.Value;
                state.Checkpoint = QuorumSource.Of(new CheckpointEntry("c", "", "", thread.Thread!.Updates / 2, thread.Thread.CommitEpoch, [], "", "", _now), updatesPerStep: 2);
                state.Version++;
                state.Activations[slot] = state.Activations[slot]! with { Version = state.Version };
                return true;
            default:
                return Look(move, bounded);
        }
    }

    private bool Look(Move move, bool bounded)
    {
        var heard = Hear(state.Activations[move.Actor]!, move);
        var late = move.Happening is Happening.LookLate or Happening.LookPast;
        var decision = QuorumLifecycle.Next(heard.State, View(heard, move, late ? _late : _now), new QuorumSize(options.Min, options.Workers), QuorumTimeouts.Default);
        decision = options.Mutation == Mutation.TakesAnySource ? WithAnySource(decision, heard) : decision;
        if (bounded && decision.State.Epoch > options.Epochs)
        {
            return false;
        }

        var written = ReferenceEquals(decision.State, heard.State);
        if (!written && heard.Version == state.Version)
        {
            state.Record = decision.State with { Since = _now };
            state.Version++;
            state.Convicted |= decision.State.Verdict is { Outvoted: { } outvoted } ? 1 << (outvoted[0] - 'a') : 0;
            heard = heard with { State = state.Record, Version = state.Version };
            written = true;
        }

        state.Activations[move.Actor] = written ? heard : null;
        if (written || options.Mutation == Mutation.SendsBeforeItWrites)
        {
            Send(decision.Commands);
        }

        return true;
    }

    /// <summary>The pool takes the device, whoever asks, and as often as it is asked; then the record is written, if it is this activation's to write.</summary>
    private void Quarantine(int slot)
    {
        var activation = state.Activations[slot]!;
        state.Leased &= ~(1 << (activation.State.Verdict!.Outvoted![0] - 'a'));
        if (activation.Version != state.Version)
        {
            state.Activations[slot] = null;
            return;
        }

        state.Record = activation.State with { Verdict = null };
        state.Version++;
        state.Activations[slot] = activation with { State = state.Record, Version = state.Version };
    }

    private ModelActivation Hear(ModelActivation activation, Move move)
    {
        QuorumReport?[] reports = [.. activation.Reports];
        QuorumReport?[] older = [.. activation.Older];
        int[] incarnations = [.. activation.Incarnations];
        foreach (var worker in state.Workers)
        {
            var i = worker.Index;
            if ((state.Leased & (1 << i)) == 0 || (i == move.Other && move.Happening is Happening.LookWithout or Happening.LookPast))
            {
                continue;
            }

            if (i == move.Other && move.Happening == Happening.LookBack)
            {
                (reports[i], older[i]) = (older[i], null);
                continue;
            }

            var report = worker.Participant.Report;
            if (reports[i] != report)
            {
                older[i] = options.LateReports ? reports[i] : null;
                reports[i] = report;
            }

            incarnations[i] = worker.Incarnation;
        }

        return activation with { Reports = reports, Older = older, Incarnations = incarnations };
    }

    private QuorumView View(ModelActivation heard, Move move, DateTimeOffset now)
    {
        var leased = new List<Device>();
        var sightings = new Dictionary<string, QuorumSighting>();
        var survivors = false;
        for (var i = 0; i < state.Workers.Length; i++)
        {
            if ((state.Leased & (1 << i)) != 0)
            {
                leased.Add(ModelWorker.DeviceOf(i, heard.Incarnations[i]));
                if (heard.Reports[i] is { } report)
                {
                    var silent = move.Happening == Happening.LookPast && move.Other == i;
                    sightings[leased[^1].Id] = new QuorumSighting(report, silent ? _now : now);
                    survivors |= report.Commit is not null;
                }
            }
        }

        var checkpoint = survivors && options.Mutation == Mutation.SurvivorsBeatCheckpoints ? QuorumSource.Beginning : state.Checkpoint;
        return new QuorumView(leased, _none, sightings, checkpoint, Stop: false, now);
    }

    private void Send(IReadOnlyList<QuorumCommand> commands)
    {
        foreach (var command in commands)
        {
            var key = ModelHash.KeyOf(command);
            if (Array.TrueForAll(state.Messages, message => message.Key != key))
            {
                state.Messages = [.. state.Messages, new SentMessage(command, key)];
            }
        }
    }

    private static QuorumDecision WithAnySource(QuorumDecision decision, ModelActivation heard)
    {
        var first = Array.Find(heard.Reports, report => report is { Phase: QuorumMemberPhase.Halted, Commit: not null } && report.Promised == decision.State.Epoch);
        if (decision.State.Phase != QuorumPhase.Syncing || heard.State.Phase != QuorumPhase.Halting || first is null)
        {
            return decision;
        }

        var source = new QuorumSource(ModelWorker.DeviceOf(Array.IndexOf(heard.Reports, first), first.Incarnation[0] - '0'), null, first.Commit!);
        return decision with
        {
            State = decision.State with { Source = source },
            Commands = [.. decision.Commands.Select(command => command is Prepare prepare ? prepare with { Source = source } : command)],
        };
    }

    /// <summary>A checkpoint is proposed by rank 0 and taken by the epoch of the record.</summary>
    private static ModelWorker? Rank0(ModelActivation activation, ModelState state) => activation.State.Phase == QuorumPhase.Running
        ? Array.Find(state.Workers, worker => worker.Thread is { Trains: true } thread && thread.Epoch == activation.State.Epoch
            && thread.Members >> worker.Index << worker.Index == thread.Members)
        : null;

    private static ulong? Proposal(ModelWorker rank0) =>
        rank0.Thread is { Updates: > 0 } thread && thread.Updates % 2 == 0 && thread.CommitEpoch == thread.Epoch ? rank0.Holds : null;
}
