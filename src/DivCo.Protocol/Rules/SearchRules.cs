using System.Text.RegularExpressions;
using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>Name, method, metric, limits and resources.</summary>
internal static partial class SearchRules
{
    public static IEnumerable<Violation> Check(SweepSpec spec)
    {
        if (spec.Name.Length > SweepId.MaxNameLength || !NamePattern().IsMatch(spec.Name))
        {
            yield return new("name", $"'{Shorten(spec.Name)}' is not a name: use 1 to {SweepId.MaxNameLength} of a-z, 0-9 and -, "
                + "beginning with a letter or digit");
        }

        foreach (var violation in (Violation?[])[
            OneOf("method", spec.Method, [SweepSpecRules.GridMethod, SweepSpecRules.RandomMethod]),
            OneOf("metric.name", spec.Metric.Name, MetricNames.All),
            OneOf("metric.goal", spec.Metric.Goal, [SweepSpecRules.Minimize, SweepSpecRules.Maximize]),
            MaxTrials(spec),
            Between("limits.max_concurrent", spec.Limits.MaxConcurrent, 1, SweepLimits.MaxConcurrent),
            Between("limits.max_failed", spec.Limits.MaxFailed, 0, SweepLimits.MaxTrials),
            Between("resources.workers", spec.Resources.Workers, 1, SweepLimits.MaxWorkers),
            ElasticMin(spec.Resources),
            ElasticMax(spec.Resources),
            OneOf("resources.activation_memory", spec.Resources.ActivationMemory, [SweepSpecRules.AllShards, SweepSpecRules.OneShard]),
            Share("resources.audit", spec.Resources.Audit),
            OneOf("on_collapse", spec.OnCollapse, [SweepSpecRules.ReportCollapse, SweepSpecRules.StopOnCollapse, SweepSpecRules.RestartOnCollapse])])
        {
            if (violation is not null)
            {
                yield return violation;
            }
        }
    }

    internal static Violation? OneOf(string field, string value, IReadOnlyList<string> allowed)
    {
        if (allowed.Contains(value))
        {
            return null;
        }

        var meant = NearestKey.Of(value, allowed);
        return new(field, $"'{Shorten(value)}' is unknown; must be one of {string.Join(", ", allowed)}"
            + (meant is null ? "" : $"; did you mean {meant}?"));
    }

    /// <summary>Texts of the user are repeated only so far that a message stays one readable line.</summary>
    internal static string Shorten(string text) =>
        new([.. (text.Length <= 80 ? text : text[..77] + "...").Select(character => char.IsControl(character) ? '?' : character)]);

    private static Violation? ElasticMin(Resources resources) => resources.Elastic is not { } elastic ? null
        : elastic.Min >= 1 && elastic.Min <= resources.Workers ? null
        : new("resources.elastic.min", $"{elastic.Min} is out of range; must be at least 1 and at most resources.workers, {resources.Workers}");

    private static Violation? ElasticMax(Resources resources) => resources.Elastic is not { } elastic ? null
        : elastic.Max >= resources.Workers && elastic.Max <= SweepLimits.MaxWorkers ? null
        : new("resources.elastic.max", $"{elastic.Max} is out of range; must be at least resources.workers, {resources.Workers}, "
            + $"and at most {SweepLimits.MaxWorkers}");

    private static Violation? MaxTrials(SweepSpec spec)
    {
        var grid = spec.Method == SweepSpecRules.GridMethod ? GridSize.Of(spec) : 0;
        return grid > SweepLimits.MaxTrials
            ? new("parameters", $"the grid has {(grid == long.MaxValue ? "more than 10^18" : grid)} combinations, at most "
                + $"{SweepLimits.MaxTrials} are allowed; list fewer values or use method: {SweepSpecRules.RandomMethod}")
            : Between("limits.max_trials", spec.Limits.MaxTrials, 1, SweepLimits.MaxTrials);
    }

    private static Violation? Share(string field, double value) =>
        value is >= 0 and <= 1 ? null : new(field, $"{value} is out of range; must be at least 0 and at most 1");

    private static Violation? Between(string field, int value, int min, int max) =>
        value >= min && value <= max ? null : new(field, $"{value} is out of range; must be at least {min} and at most {max}");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*\z")]
    private static partial Regex NamePattern();
}
