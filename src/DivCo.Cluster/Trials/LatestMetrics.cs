namespace DivCo.Cluster.Trials;

/// <summary>
/// The value of each metric at the latest step that told it. A checkpoint is reported when it is durable, which may be after reports of later
/// steps: it takes the place of what an earlier one said, and of nothing that a later step said.
/// </summary>
internal sealed class LatestMetrics
{
    private readonly Dictionary<string, (int Step, double Value)> _metrics = [];

    /// <summary>The latest step.</summary>
    public int Step { get; private set; }

    /// <summary>A copy, as it is now.</summary>
    public Dictionary<string, double> Values => _metrics.ToDictionary(metric => metric.Key, metric => metric.Value.Value);

    public void Add(int step, IReadOnlyDictionary<string, double> metrics)
    {
        Step = Math.Max(Step, step);
        foreach (var (name, value) in metrics)
        {
            if (!_metrics.TryGetValue(name, out var known) || step >= known.Step)
            {
                _metrics[name] = (step, value);
            }
        }
    }
}
