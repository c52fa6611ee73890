namespace DivCo.Training.Sharding;

/// <summary>Who is wrong, where devices disagree.</summary>
/// <param name="Member">The outvoted device; null where the votes do not tell.</param>
/// <param name="Reason">In words.</param>
internal sealed record AuditVerdict(string? Member, string Reason)
{
    /// <param name="votes">Of owner, auditor and judges; not all the same.</param>
    /// <param name="hardwareClass">Of the trial's devices.</param>
    public static AuditVerdict Of(IReadOnlyList<AuditVote> votes, string hardwareClass)
    {
        // 1. More than half agree: who says otherwise is outvoted.
        var largest = votes.GroupBy(vote => vote.Sha256).MaxBy(group => group.Count())!;
        var others = votes.Where(vote => vote.Sha256 != largest.Key).Select(vote => vote.Member).Distinct().ToArray();
        if (largest.Count() * 2 > votes.Count && others is [var outvoted])
        {
            return new AuditVerdict(outvoted, $"{outvoted} is outvoted, {largest.Count()} to {votes.Count - largest.Count()}");
        }

        // 2. One contradicts itself, the other repeats what it said.
        var byMember = votes.GroupBy(vote => vote.Member, vote => vote.Sha256).ToArray();
        var fickle = byMember.Where(hashes => hashes.Distinct().Count() > 1).Select(hashes => hashes.Key).ToArray();
        if (fickle is [var unsteady] && byMember.Length > 1)
        {
            return new AuditVerdict(unsteady, $"{unsteady} contradicts itself, {byMember.Single(hashes => hashes.Key != unsteady).Key} does not");
        }

        // 3. Nobody can tell.
        return new AuditVerdict(null, fickle.Length == 0 && byMember.Length == 2
            ? $"the outvoted device cannot be told: {byMember[0].Key} and {byMember[1].Key} each repeat their own result; "
                + "a third worker would decide"
            : $"the outvoted device cannot be told: no majority among {votes.Count} results; devices of class \"{hardwareClass}\" are non-deterministic");
    }
}
