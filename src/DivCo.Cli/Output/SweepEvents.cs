using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Output;

/// <summary>What happened between two revisions of a sweep, a line for each event.</summary>
internal static class SweepEvents
{
    public static IEnumerable<string> Between(Sweep? before, Sweep after)
    {
        if (before?.Status?.State != after.Status.State || before.Status.Reason != after.Status.Reason)
        {
            yield return $"{after.Id} {Words.Of(after.Status.State)}{Reason(after.Status.Reason)}";
        }

        var known = before?.Status?.Trials.ToDictionary(trial => trial.Id) ?? [];
        foreach (var trial in after.Status.Trials)
        {
            var previous = known.GetValueOrDefault(trial.Id);
            if (previous is null || previous.State != trial.State || previous.Reason != trial.Reason)
            {
                var drawn = previous is null && trial.Parameters.Count > 0 ? $" [{Words.Parameters(trial)}]" : "";
                yield return $"{trial.Id} {Words.Of(trial.State)}{drawn}{Reason(trial.Reason)}";
            }

            if (trial.Step > 0 && trial.Step != (previous?.Step ?? 0))
            {
                yield return Progress(trial, after.Spec);
            }

            if (trial.Checkpoint is { Path.Length: > 0 } checkpoint && checkpoint.Path != previous?.Checkpoint?.Path)
            {
                yield return $"{trial.Id} checkpoint {Words.Path(checkpoint.Path)} {MetricNames.Diversity} {Terminal.Show(Diversity(checkpoint))}{Figures(checkpoint)}";
            }
        }
    }

    private static string Progress(Trial trial, SweepSpec? spec)
    {
        var metrics = MetricNames.All.Where(name => name != MetricNames.Diversity && !MetricNames.IsEvaluated(name) && trial.Metrics.ContainsKey(name))
            .Select(name => $" {name} {Terminal.Show(trial.Metric(name))}");
        var left = Words.TimeLeft(trial, spec) is { } time ? $" eta {Words.Of(time)}" : "";
        return $"{trial.Id} step {trial.Step}/{trial.Steps}{string.Concat(metrics)}{left}";
    }

    /// <summary>Of an evaluation, where the checkpoint had one.</summary>
    private static string Figures(Checkpoint checkpoint) => string.Concat(MetricNames.All
        .Where(name => MetricNames.IsEvaluated(name) && checkpoint.Metrics.ContainsKey(name))
        .Select(name => $" {name} {Terminal.Show(checkpoint.Metrics[name])}"));

    private static double? Diversity(Checkpoint checkpoint) => checkpoint.Metrics.TryGetValue(MetricNames.Diversity, out var value) ? value : null;

    private static string Reason(string reason) => reason.Length == 0 ? "" : $": {reason}";
}
