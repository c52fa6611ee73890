using DivCo.Cluster.Trials;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Sweeps;

/// <summary>Which checkpoints of a trial are kept: a pure decision.</summary>
internal static class CheckpointLedger
{
    /// <summary>Takes proposals in and drops what neither keep_last nor keep_best holds.</summary>
    /// <param name="ledger">Oldest first.</param>
    /// <returns>The new ledger, and what it dropped: to be deleted after the ledger is written.</returns>
    /// <remarks>
    /// A proposal of a newer epoch takes the place of what an older one left at its step or behind it: the trial went back past those,
    /// because they were damaged or their quorum was lost.
    /// </remarks>
    public static (IReadOnlyList<CheckpointEntry> Ledger, IReadOnlyList<CheckpointEntry> Dropped) Fold(
        IReadOnlyList<CheckpointEntry> ledger, IReadOnlyList<CheckpointEntry> proposals, SweepSpec spec, CheckpointSpec policy)
    {
        var (taken, refused) = (ledger.ToList(), new List<CheckpointEntry>());
        foreach (var proposal in proposals.Where(proposal => taken.All(known => known.Name != proposal.Name)))
        {
            if (IsStale(taken, proposal))
            {
                refused.Add(proposal);
                continue;
            }

            refused.AddRange(taken.Where(known => known.Step >= proposal.Step));
            taken.RemoveAll(known => known.Step >= proposal.Step);
            taken.Add(proposal);
        }

        var last = taken.TakeLast(policy.KeepLast);
        var best = taken.Where(entry => Value(entry, spec) is not null).OrderByDescending(entry => Rank(Value(entry, spec)!.Value, spec)).Take(policy.KeepBest);
        var kept = last.Concat(best).Select(entry => entry.Name).ToHashSet();
        return ([.. taken.Where(entry => kept.Contains(entry.Name))], [.. refused, .. taken.Where(entry => !kept.Contains(entry.Name))]);
    }

    /// <summary>Whether a proposal comes from a quorum that is over, or was taken already and perhaps dropped since.</summary>
    public static bool IsStale(IEnumerable<CheckpointEntry> ledger, CheckpointEntry proposal) =>
        ledger.Any(known => known.Epoch > proposal.Epoch || (known.Epoch == proposal.Epoch && known.Step >= proposal.Step));

    /// <summary>A trial's value is that of its last checkpoint; null where it has none, or not a finite one.</summary>
    public static double? Value(TrialRecord trial, SweepSpec spec) => trial.Checkpoints.Count == 0 ? null : Value(trial.Checkpoints[^1], spec);

    /// <summary>The best trial so far by the sweep's metric, the earlier one among equals.</summary>
    public static TrialRecord? Best(IEnumerable<TrialRecord> trials, SweepSpec spec) =>
        trials.Where(trial => Value(trial, spec) is not null).MaxBy(trial => Rank(Value(trial, spec)!.Value, spec));

    private static double? Value(CheckpointEntry entry, SweepSpec spec) =>
        entry.Metrics.TryGetValue(spec.Metric.Name, out var value) && double.IsFinite(value) ? value : null;

    private static double Rank(double value, SweepSpec spec) => spec.Metric.Goal == "minimize" ? -value : value;
}
