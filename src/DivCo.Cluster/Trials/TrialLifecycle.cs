using DivCo.Cluster.Devices;
using DivCo.Cluster.Sweeps;

namespace DivCo.Cluster.Trials;

/// <summary>What becomes of a trial around its quorum: pure decisions; the grain carries them out after it wrote the new state.</summary>
internal static class TrialLifecycle
{
    /// <summary>A run fails after this many epochs that ended by a worker's own failure and brought it no further. Lost silos do not count.</summary>
    public const int MaxFailures = 3;

    /// <summary>Takes an order in: a new run, a stop, or what the ledger has taken meanwhile. Returns the state itself where nothing is new.</summary>
    public static TrialState Take(TrialState state, TrialOrder order)
    {
        // Epochs go on counting over runs, and over a record that was lost: old messages stay old.
        var epoch = Math.Max(state.Quorum.Epoch, order.Checkpoints.Select(checkpoint => checkpoint.Epoch).DefaultIfEmpty(0u).Max());
        var ofThisTrial = state.Order is null || state.Order.TrialHash == order.TrialHash; // begun anew with another seed, it is another
        List<CheckpointEntry> proposals = ofThisTrial ? [.. state.Proposals.Where(proposal => !CheckpointLedger.IsStale(order.Checkpoints, proposal))] : [];
        if (state.Order is null || order.Run > state.Order.Run)
        {
            // A repeated order must not wake what has ended, but a new run begins afresh.
            return new TrialState { Order = order, Quorum = new QuorumState { Epoch = epoch, Judged = epoch }, Proposals = proposals, Reason = "asks for devices", Trace = order.Trace };
        }

        var isKnown = order.Stop == state.Order.Stop
            && order.Checkpoints.Select(checkpoint => checkpoint.Name).SequenceEqual(state.Order.Checkpoints.Select(checkpoint => checkpoint.Name))
            && proposals.Count == state.Proposals.Count;
        return order.Run < state.Order.Run || isKnown
            ? state
            : state with { Order = order, Quorum = state.Quorum with { Epoch = epoch }, Proposals = proposals };
    }

    /// <summary>Devices were leased.</summary>
    public static TrialState Lease(TrialState state, Lease lease) => state with { Phase = TrialPhase.Running, Lease = lease, Reason = "forms its quorum" };

    /// <summary>The devices are gone or given up. What workers hold in memory stays theirs until another trial takes their devices.</summary>
    public static TrialState Requeue(TrialState state, string reason) => state with { Phase = TrialPhase.Queued, Lease = null, Reason = reason };

    /// <summary>What the quorum's decision means for the trial.</summary>
    /// <param name="member">What a member of a finished quorum says: all of them say the same.</param>
    public static TrialState Follow(TrialState state, QuorumDecision decision, QuorumMemberPhase? member)
    {
        var next = ReferenceEquals(decision.State, state.Quorum) ? state : state with { Quorum = decision.State, Reason = decision.Reason };
        return decision.State switch
        {
            _ when decision.IsVacated => Requeue(next, decision.Reason),
            { Phase: QuorumPhase.Finished } => next with { Phase = member == QuorumMemberPhase.Completed ? TrialPhase.Succeeded : TrialPhase.Stopped },
            { Verdict: { Outvoted: null } verdict } => next with { Phase = TrialPhase.Failed, Reason = verdict.Evidence },
            _ when decision.Obstacle is { } obstacle && state.Order!.Stop =>
                next with { Phase = TrialPhase.Stopped, Reason = $"stopped, as asked, while it {obstacle}; resumed, it makes the steps since its last checkpoint again" },
            { Failures: >= MaxFailures } => next with { Phase = TrialPhase.Failed, Reason = $"failed {MaxFailures} times in a row, lastly: {decision.Reason}" },
            _ => next,
        };
    }

    /// <summary>Why a trial came into its phase, in one word for counting.</summary>
    public static string Cause(TrialState before, TrialState after) => after.Phase switch
    {
        TrialPhase.Queued => before.Phase == TrialPhase.Running && before.Order?.Run == after.Order?.Run ? "lease_lost" : "ordered",
        TrialPhase.Running => "leased",
        TrialPhase.Succeeded => "completed",
        TrialPhase.Stopped => "asked",
        _ => after.Quorum.Verdict is null ? "failures" : "audit",
    };

    /// <summary>The pool has taken the outvoted device: the quorum forms without it.</summary>
    public static TrialState Quarantined(TrialState state) => state with { Quorum = state.Quorum with { Verdict = null } };

    /// <summary>A stop of a trial that no quorum trains.</summary>
    public static TrialState StopWaiting(TrialState state) => state with { Phase = TrialPhase.Stopped, Reason = "stopped, as asked, while it waited for devices" };
}
