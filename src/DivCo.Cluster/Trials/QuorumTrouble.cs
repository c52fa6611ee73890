using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>Why an epoch cannot go on.</summary>
/// <param name="LeftOut">Whom the next epoch tries without if this one committed nothing; null: nobody in particular.</param>
/// <param name="Failed">A worker failed by itself.</param>
internal sealed record QuorumTrouble(string Reason, string? LeftOut, bool Failed)
{
    /// <summary>Null while every member is there, has no complaint and answers.</summary>
    public static QuorumTrouble? Of(QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        List<string>? reasons = null;
        var failed = false;
        foreach (var member in state.Members)
        {
            if (Complaint(member, state, view, timeouts) is { } complaint)
            {
                (reasons ??= []).Add(complaint);
                failed |= view.Of(member, state.Epoch)?.Phase == QuorumMemberPhase.Failed;
            }
        }

        return reasons is null ? null : new QuorumTrouble(string.Join("; ", reasons), Odd(state, view, timeouts), failed);
    }

    private static string? Complaint(Device member, QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        if (!view.Has(member))
        {
            return $"{member.Id} was lost";
        }

        return view.Of(member, state.Epoch) is { Phase: QuorumMemberPhase.PeerLost or QuorumMemberPhase.Failed or QuorumMemberPhase.AuditFailed } report
            ? $"{member.Id}: {report.Reason}"
            : IsSilent(member, state, view, timeouts)
                ? $"{member.Id} has not answered for {timeouts.Silence.TotalSeconds} s"
                : null;
    }

    private static bool IsSilent(Device member, QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        var heard = view.Of(member) is { } sighting && sighting.Report.Promised == state.Epoch && sighting.At > state.Since
            ? sighting.At
            : state.Since;
        return view.Now - heard > timeouts.Silence;
    }

    /// <summary>
    /// Two members that both answer but cannot hear each other would end every epoch again. The one with the most broken links, never the
    /// source, is to stay away from one epoch; it joins again later.
    /// </summary>
    private static string? Odd(QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        Dictionary<string, int> broken = [];
        foreach (var member in state.Members)
        {
            if (view.Of(member, state.Epoch) is { LostPeer: { } peer } && view.Has(member)
                && state.Members.FirstOrDefault(other => other.Id == peer) is { } accused
                && view.Has(accused) && !IsSilent(accused, state, view, timeouts))
            {
                broken[member.Id] = broken.GetValueOrDefault(member.Id) + 1;
                broken[peer] = broken.GetValueOrDefault(peer) + 1;
            }
        }

        return broken.Where(entry => entry.Key != state.Source?.Member?.Id)
            .OrderByDescending(entry => entry.Value).ThenByDescending(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => entry.Key).FirstOrDefault();
    }
}
