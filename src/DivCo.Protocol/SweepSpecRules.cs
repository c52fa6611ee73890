using DivCo.Protocol.Rules;
using DivCo.Protocol.V1;

namespace DivCo.Protocol;

/// <summary>Every rule that a sweep must obey: checked by the client before anything is sent, and by the server again.</summary>
public static class SweepSpecRules
{
    public const string GridMethod = "grid";
    public const string RandomMethod = "random";
    public const string Minimize = "minimize";
    public const string Maximize = "maximize";

    /// <summary>A trial that collapses says so and goes on.</summary>
    public const string ReportCollapse = "report";

    /// <summary>A trial that collapses is stopped.</summary>
    public const string StopOnCollapse = "stop";

    /// <summary>A trial that collapses begins anew with another seed, a few times.</summary>
    public const string RestartOnCollapse = "restart";

    /// <summary>A worker keeps the graphs of all its shards from their forward to their backward.</summary>
    public const string AllShards = "all_shards";

    /// <summary>A worker keeps one graph at a time and computes each shard twice: the same bits in less memory and more time.</summary>
    public const string OneShard = "one_shard";

    /// <summary>All violations, in the order of the fields; none: the spec can be run. Missing fields count as their defaults.</summary>
    public static IReadOnlyList<Violation> Check(SweepSpec spec)
    {
        var complete = SweepDefaults.Apply(spec);
        var probes = TrialDefaults.Probes(complete);
        return [
            .. SearchRules.Check(complete),
            .. ParameterRules.Check(complete),
            .. TrialRules.Check(complete),
            .. FieldConditions.Check(complete, probes),
            .. CombinationRules.Check(TrialDefaults.Widest(complete, probes), probes)];
    }

    /// <summary>What can be run but is probably not meant.</summary>
    public static IReadOnlyList<Violation> Warnings(SweepSpec spec) => [.. CombinationRules.Warn(SweepDefaults.Apply(spec))];
}
