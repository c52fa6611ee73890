using DivCo.Cluster.Devices;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Trials;

/// <summary>What becomes of a trial: pure decisions; the grain carries them out after it wrote the new state.</summary>
internal static class TrialLifecycle
{
    /// <summary>A run fails after this many epochs that ended by a worker's own failure. Lost silos do not count.</summary>
    public const int MaxFailures = 3;

    /// <summary>Takes an order in: a new run, a stop, or what the ledger has taken meanwhile.</summary>
    public static TrialState Take(TrialState state, TrialOrder order)
    {
        if (state.Order is null || order.Run > state.Order.Run)
        {
            // A repeated order must not wake what has ended, but a new run begins afresh. Its epochs go on counting: old messages stay old.
            return new TrialState { Order = order, Epoch = Latest(state, order), Proposals = Open(state, order), Reason = "asks for devices" };
        }

        var proposals = Open(state, order);
        var isKnown = order.Stop == state.Order.Stop
            && order.Checkpoints.Select(checkpoint => checkpoint.Name).SequenceEqual(state.Order.Checkpoints.Select(checkpoint => checkpoint.Name))
            && proposals.Count == state.Proposals.Count;
        return order.Run < state.Order.Run || isKnown
            ? state
            : state with { Order = order, Epoch = Latest(state, order), Proposals = proposals };
    }

    /// <summary>A quorum is formed of the leased devices: the epoch grows before anybody is told.</summary>
    public static TrialState Form(TrialState state, Lease lease, CheckpointEntry? from, string note) => state with
    {
        Phase = TrialPhase.Running,
        Epoch = state.Epoch + 1,
        Lease = lease,
        ResumedFrom = from,
        Reason = $"{(from is null ? "trains from the beginning" : $"trains on from {from.Name}")} on {string.Join(", ", lease.Devices.Select(device => device.Id))}{note}",
    };

    /// <summary>What the workers' statuses mean for a running epoch; null for a worker that cannot be reached any more.</summary>
    public static TrialState Watch(TrialState state, IReadOnlyDictionary<string, WorkerStatus?> workers)
    {
        var trialId = state.Lease!.TrialId;
        var statuses = workers.ToDictionary(
            worker => worker.Key,
            worker => worker.Value is { } status && status.IsOf(trialId, state.Epoch) ? status : null);
        if (statuses.Values.All(status => status?.Phase == WorkerPhase.Completed))
        {
            return Disband(state, TrialPhase.Succeeded, statuses.Values.First()!.Reason);
        }

        if (statuses.Values.All(status => status?.Phase is WorkerPhase.Stopped))
        {
            return Disband(state, TrialPhase.Stopped, statuses.Values.First()!.Reason);
        }

        if (statuses.Values.FirstOrDefault(status => status?.Phase == WorkerPhase.Failed) is { } failed)
        {
            return state.Failures + 1 >= MaxFailures
                ? Disband(state with { Failures = state.Failures + 1 }, TrialPhase.Failed, $"failed {MaxFailures} times, lastly: {failed.Reason}")
                : Disband(state with { Failures = state.Failures + 1 }, TrialPhase.Queued, $"begins again from its last checkpoint: {failed.Reason}");
        }

        if (statuses.FirstOrDefault(worker => worker.Value is null) is { Key: { } lost })
        {
            return Disband(state, TrialPhase.Queued, $"begins again from its last checkpoint: {lost} was lost");
        }

        if (statuses.Values.FirstOrDefault(status => status!.Phase is WorkerPhase.PeerLost or WorkerPhase.Aborted) is { } left)
        {
            return Disband(state, TrialPhase.Queued, $"begins again from its last checkpoint: {left.Reason}");
        }

        return state;
    }

    /// <summary>The lease is gone: the pool may have given the devices away.</summary>
    public static TrialState LeaseLost(TrialState state) =>
        Disband(state, TrialPhase.Queued, "begins again from its last checkpoint: the lease of its devices ran out");

    /// <summary>Every member has left the epoch, or cannot be reached.</summary>
    public static TrialState Disbanded(TrialState state) => state with { Phase = state.After, Lease = null };

    /// <summary>A stop of a trial that no quorum trains.</summary>
    public static TrialState StopQueued(TrialState state) => state with { Phase = TrialPhase.Stopped, Reason = "stopped, as asked, while it waited for devices" };

    private static TrialState Disband(TrialState state, TrialPhase after, string reason) =>
        state with { Phase = TrialPhase.Disbanding, After = after, Reason = reason };

    /// <summary>What the ledger has neither taken nor passed.</summary>
    private static IReadOnlyList<CheckpointEntry> Open(TrialState state, TrialOrder order) =>
        [.. state.Proposals.Where(proposal => !CheckpointLedger.IsStale(order.Checkpoints, proposal))];

    private static uint Latest(TrialState state, TrialOrder order) =>
        Math.Max(state.Epoch, order.Checkpoints.Select(checkpoint => checkpoint.Epoch).DefaultIfEmpty(0u).Max());
}
