using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Sweeps;

/// <summary>What one checkpoint says of a collapse.</summary>
/// <param name="Variance">Least sample variance of a condition.</param>
/// <param name="LossD">Loss of the discriminators: 0 where they tell every image apart. The largest, where there are several.</param>
/// <param name="Margin">
/// Contrastive margin, 1 - L / ln(N + 1): 0 where positives are no likelier than negatives, 1 where they are told from them with certainty; null
/// where the trial has no such term.
/// </param>
/// <param name="NotFinite">A metric that is no number any more; null: all are.</param>
[GenerateSerializer, Immutable]
public sealed record CollapseFigures(
    [property: Id(0)] int Step,
    [property: Id(1)] double? Variance,
    [property: Id(2)] double? LossD,
    [property: Id(3)] double? Margin,
    [property: Id(4)] string? NotFinite)
{
    internal static CollapseFigures Of(CheckpointEntry checkpoint, TrialSpec trial)
    {
        var metrics = checkpoint.Metrics;
        var broken = metrics.Where(metric => !double.IsFinite(metric.Value) && IsJudged(metric.Key)).Select(metric => metric.Key).Order(StringComparer.Ordinal).FirstOrDefault();
        var losses = metrics.Where(metric => metric.Key.StartsWith(MetricNames.LossD, StringComparison.Ordinal)).Select(metric => metric.Value).ToList();
        var queries = trial.ContrastiveReduction == "sum" ? trial.BatchSize : 1;
        double? margin = trial.HasNegatives && trial.Negatives > 0 && metrics.TryGetValue(MetricNames.LossContra, out var contrast)
            ? 1 - (contrast / queries / Math.Log(trial.Negatives + 1))
            : null;
        return new CollapseFigures(
            checkpoint.Step, metrics.TryGetValue(MetricNames.SampleVariance, out var variance) ? variance : null, losses.Count == 0 ? null : losses.Max(), margin, broken);
    }

    // Other figures may be no numbers without harm, such as those of an evaluation that had nothing to compare.
    private static bool IsJudged(string metric) => metric.StartsWith("loss_", StringComparison.Ordinal) || metric == MetricNames.SampleVariance;
}
