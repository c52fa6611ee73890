namespace DivCo.Training;

/// <summary>
/// The newest reports of a trial, kept by every rank and handed on with the state: rank 0 may have died with some that it had not
/// delivered, and whoever is rank 0 next repeats them.
/// </summary>
internal sealed class RecentReports
{
    /// <summary>As many as a trial may make while nobody takes them, without the next rank 0 leaving a gap.</summary>
    public const int Capacity = 256;

    private readonly Queue<StepReport> _reports = new();

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StepReport> All => [.. _reports];

    public void Add(StepReport report)
    {
        _reports.Enqueue(report);
        if (_reports.Count > Capacity)
        {
            _reports.Dequeue();
        }
    }

    public void Replace(IEnumerable<StepReport> reports)
    {
        _reports.Clear();
        foreach (var report in reports.TakeLast(Capacity))
        {
            _reports.Enqueue(report);
        }
    }
}
