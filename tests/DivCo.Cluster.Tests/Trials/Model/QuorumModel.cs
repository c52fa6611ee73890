using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>
/// The real machines of trial and worker, joined by a network that loses, delays and repeats, with threads that commit at any moment.
/// A pause needs no move of its own: any worker or activation may be passed over for as long as the search likes.
/// </summary>
internal sealed class QuorumModel(ModelOptions options)
{
    public ModelOptions Options => options;

    public ModelState Initial()
    {
        var members = Enumerable.Range(0, options.Members).Select(i => ModelWorker.DeviceOf(i, 0)).ToList();
        var source = new QuorumSource(null, null, QuorumCommit.Beginning);
        var record = new QuorumState { Epoch = 1, Phase = QuorumPhase.Running, Candidates = members, Members = members, Source = source };
        var state = new ModelState
        {
            Record = record,
            Activations = [null, null],
            Workers = [.. Enumerable.Range(0, options.Workers).Select(i => ModelWorker.Fresh(i, 0))],
            Leased = (1 << options.Members) - 1,
            Crashes = options.Crashes,
            Failures = options.Failures,
            Drains = options.Drains,
            ActivationFaults = options.Activations,
            Disputes = options.Disputes,
        };
        for (var rank = 0; rank < options.Members; rank++)
        {
            var commit = QuorumCommit.Beginning with { Sha256 = History.Sha256(History.Untrained) };
            var participant = state.Workers[rank].Participant with
            {
                Promised = 1,
                Phase = QuorumMemberPhase.Ready,
                Commit = commit,
                Assignment = new Prepare(members[rank], 1, members, rank, source),
            };
            state.Workers[rank] = state.Workers[rank] with { Participant = participant, Holds = History.Untrained };
            new WorkerMoves(state, options).Deliver(new Go(members[rank], 1));
        }

        state.Activations[0] = TrialMoves.Read(state);
        return state;
    }

    public List<Move> Moves(ModelState state)
    {
        var moves = new List<Move>();
        for (var worker = 0; worker < options.Workers; worker++)
        {
            WorkerMoves.Enabled(state, worker, options, moves);
        }

        for (var message = 0; message < state.Messages.Length; message++)
        {
            moves.Add(new Move(Happening.Deliver, message));
        }

        TrialMoves.Enabled(state, moves);
        return moves;
    }

    /// <summary>The state after a move; null where that lies beyond the bounds of the search.</summary>
    public ModelState? Apply(ModelState state, Move move, bool bounded = true)
    {
        var next = state.Copy();
        if (move.Happening <= Happening.ActivationDies || move.Happening is Happening.WriteCheckpoint)
        {
            return new TrialMoves(next, options).Make(move, bounded) ? next : null;
        }

        if (move.Happening == Happening.Deliver)
        {
            new WorkerMoves(next, options).Deliver(next.Messages[move.Actor].Command);
        }
        else
        {
            new WorkerMoves(next, options).Make(move);
        }

        return next;
    }

    public static string Describe(ModelState state, Move move) => move.Happening == Happening.Deliver
        ? $"{Describe(state.Messages[move.Actor].Command)} arrives at {state.Messages[move.Actor].Command.Member.Id}"
        : move.Happening <= Happening.ActivationDies || move.Happening == Happening.WriteCheckpoint
            ? $"activation {move.Actor}: {move.Happening}{(move.Happening is Happening.LookWithout or Happening.LookBack or Happening.LookPast ? $" {(char)('a' + move.Other)}" : "")}"
            : $"{(char)('a' + move.Actor)}: {move.Happening}{(move.Happening == Happening.Dispute ? $" over {(char)('a' + move.Other)}" : "")}";

    private static string Describe(QuorumCommand command) => command is Prepare prepare
        ? $"Prepare({prepare.Epoch}, on {string.Join("", prepare.Members.Select((Device member) => member.Id[0]))} from {prepare.Source})"
        : $"{command.GetType().Name}({command.Epoch})";
}
