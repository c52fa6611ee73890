using DivCo.Protocol.Rules;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol;

/// <summary>The defaults of a spec: applied once, at Submit; nowhere else in the system is there another.</summary>
public static class SweepDefaults
{
    /// <summary>
    /// A complete copy: every field set, except those of the trial that are searched, that depend on what is searched, or that have no use
    /// with the others. Applying it again changes nothing.
    /// The published settings of class-conditional DivCo (Adam 2e-4, 0.5, 0.999, weight decay 1e-4; width 128 at 32 pixels;
    /// 10 negatives; R 0.001) on Fashion-MNIST, and of the unpaired one (DRIT's: Adam 1e-4, width 64, 8 latent dimensions, one condition a step,
    /// R 0.01) on its sneakers and boots; steps and checkpoints are those of a first look, not of a final model.
    /// </summary>
    public static SweepSpec Apply(SweepSpec spec)
    {
        var complete = spec.Clone();
        complete.Seed = spec.HasSeed ? spec.Seed : 0;
        complete.Method = spec.HasMethod ? spec.Method : SweepSpecRules.RandomMethod;
        complete.Metric ??= new Metric();
        complete.Metric.Name = complete.Metric.HasName ? complete.Metric.Name : MetricNames.Diversity;
        complete.Metric.Goal = complete.Metric.HasGoal ? complete.Metric.Goal : Goal(complete.Metric.Name);
        complete.Limits = WithDefaults(complete.Limits ?? new Limits(), complete);
        complete.Resources ??= new Resources();
        complete.Resources.Workers = complete.Resources.HasWorkers ? complete.Resources.Workers : 1;
        if (complete.Resources.Elastic is { } elastic)
        {
            elastic.Min = elastic.HasMin ? elastic.Min : 1;
            elastic.Max = elastic.HasMax ? elastic.Max : complete.Resources.Workers;
        }

        complete.Resources.ActivationMemory =
            complete.Resources.HasActivationMemory ? complete.Resources.ActivationMemory : SweepSpecRules.AllShards;
        complete.Resources.Audit = complete.Resources.HasAudit ? complete.Resources.Audit : 0;
        complete.Trial ??= new TrialSpec();
        if (!complete.Trial.HasSeed && !complete.Parameters.ContainsKey("seed"))
        {
            complete.Trial.Seed = complete.Seed;
        }

        foreach (var (path, value) in TrialDefaults.Of(complete).ToList())
        {
            ParameterPath.Set(complete.Trial, path, value);
        }

        foreach (var (path, value) in DatasetDefaults.Of(new SearchSpace(complete)))
        {
            ParameterPath.Set(complete.Trial, path, value);
        }

        const string DataShards = "shards.data";
        if (!complete.Parameters.ContainsKey(DataShards) && ParameterPath.Get(complete.Trial, DataShards) is null)
        {
            ParameterPath.Set(complete.Trial, DataShards, DefaultDataShards(new SearchSpace(complete)));
        }

        return complete;
    }

    /// <summary>
    /// A drawn trial, complete: the sweep's trial with the drawn parameters and the defaults that depend on them, without the fields that
    /// have no use with them.
    /// </summary>
    /// <param name="spec">Complete.</param>
    /// <param name="drawn">The drawn parameters by path.</param>
    public static TrialSpec Resolve(SweepSpec spec, IEnumerable<KeyValuePair<string, Value>> drawn) =>
        TrialDefaults.Of(spec, ParameterPath.With(spec.Trial, drawn));

    private static string Goal(string metric) =>
        metric is MetricNames.Diversity or MetricNames.SamplesPerS || MetricNames.EvaluatedHigher.Contains(metric) ? SweepSpecRules.Maximize : SweepSpecRules.Minimize;

    /// <summary>A grid is run whole; a random search makes 10 trials; where nothing is searched there is one trial.</summary>
    private static Limits WithDefaults(Limits limits, SweepSpec spec)
    {
        var whole = spec.Method == SweepSpecRules.GridMethod ? GridSize.Of(spec) : spec.Parameters.Count == 0 ? 1 : 10;
        limits.MaxTrials = limits.HasMaxTrials ? limits.MaxTrials : (int)Math.Min(whole, int.MaxValue);
        limits.MaxConcurrent = limits.HasMaxConcurrent ? limits.MaxConcurrent : 8; // more would only wait for devices
        limits.MaxFailed = limits.HasMaxFailed ? limits.MaxFailed : 3;
        return limits;
    }

    /// <summary>
    /// The most of 4, 2, 1 that leaves at least 16 conditions in a shard for any batch size the search can draw: smaller shards
    /// cost time and make batch statistics poor.
    /// </summary>
    private static int DefaultDataShards(SearchSpace space)
    {
        const int FewestConditions = 16;
        foreach (var shards in (int[])[4, 2])
        {
            if (space.Integers("batch_size").All(batch => batch % shards == 0 && batch / shards >= FewestConditions))
            {
                return shards;
            }
        }

        return 1;
    }
}
