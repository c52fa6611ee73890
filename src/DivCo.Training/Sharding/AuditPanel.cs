namespace DivCo.Training.Sharding;

/// <summary>The ranks that a result is asked of.</summary>
/// <param name="Owner">Whose result goes into the update.</param>
/// <param name="Auditor">Who computes it as well: another rank where there is one.</param>
/// <param name="Judges">Who computes it if those two disagree: a third rank; both again where there is none.</param>
internal sealed record AuditPanel(int Owner, int Auditor, IReadOnlyList<int> Judges)
{
    /// <param name="turn">Where the rotation among the other ranks stands: so each pair of ranks meets in time.</param>
    public static AuditPanel Of(int owner, int workers, ulong turn)
    {
        if (workers == 1)
        {
            return new AuditPanel(owner, owner, [owner]);
        }

        var others = (ulong)workers - 1;
        var auditor = Other(turn % others);
        return new AuditPanel(owner, auditor, workers == 2 ? [owner, auditor] : [Other((turn + 1) % others)]);

        int Other(ulong place) => (int)(((ulong)owner + 1 + place) % (ulong)workers);
    }
}
