using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>Why an epoch cannot go on.</summary>
/// <param name="LeftOut">Whom the next epoch tries without if this one committed nothing; null: nobody in particular.</param>
/// <param name="Cause">The gravest of those that members have to complain of.</param>
internal sealed record QuorumTrouble(string Reason, string? LeftOut, QuorumCause Cause)
{
    /// <summary>Null while every member is there, has no complaint and answers.</summary>
    public static QuorumTrouble? Of(QuorumState state, QuorumView view, QuorumTimeouts timeouts)
    {
        List<string>? reasons = null;
        var cause = QuorumCause.Silent;
        foreach (var member in state.Members)
        {
            if (Complaint(member, state, view, timeouts) is { } complaint)
            {
                (reasons ??= []).Add(complaint);
                cause = (QuorumCause)Math.Min((int)cause, (int)CauseOf(member, state, view));
            }
        }

        return reasons is null ? null : new QuorumTrouble(string.Join("; ", reasons), Odd(state, view, timeouts), cause);
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

    private static QuorumCause CauseOf(Device member, QuorumState state, QuorumView view) => view.Of(member, state.Epoch)?.Phase switch
    {
        QuorumMemberPhase.Failed => QuorumCause.Failed,
        _ when !view.Has(member) => QuorumCause.Lost,
        QuorumMemberPhase.AuditFailed => QuorumCause.Audit,
        QuorumMemberPhase.PeerLost => QuorumCause.PeerLost,
        _ => QuorumCause.Silent,
    };

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
