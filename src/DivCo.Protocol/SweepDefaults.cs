using DivCo.Protocol.Rules;
using DivCo.Protocol.V1;

namespace DivCo.Protocol;

/// <summary>The defaults of a spec: applied once, at Submit; nowhere else in the system is there another.</summary>
public static class SweepDefaults
{
    /// <summary>
    /// A complete copy: every field set, except those of the trial that are searched. Applying it again changes nothing.
    /// The published settings of class-conditional DivCo (Adam 2e-4, 0.5, 0.999, weight decay 1e-4; width 128 at 32 pixels;
    /// 10 negatives; R 0.001) on Fashion-MNIST; steps and checkpoints are those of a first look, not of a final model.
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
        complete.OnCollapse = complete.HasOnCollapse ? complete.OnCollapse : SweepSpecRules.ReportCollapse;
        complete.Trial ??= new TrialSpec();
        foreach (var (path, value) in TrialDefaults(complete.Seed))
        {
            if (!complete.Parameters.ContainsKey(path) && ParameterPath.Get(complete.Trial, path) is null)
            {
                ParameterPath.Set(complete.Trial, path, value);
            }
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

    private static string Goal(string metric) =>
        metric is MetricNames.Diversity or MetricNames.SamplesPerS ? SweepSpecRules.Maximize : SweepSpecRules.Minimize;

    /// <summary>A grid is run whole; a random search makes 10 trials; where nothing is searched there is one trial.</summary>
    private static Limits WithDefaults(Limits limits, SweepSpec spec)
    {
        var whole = spec.Method == SweepSpecRules.GridMethod ? GridSize.Of(spec) : spec.Parameters.Count == 0 ? 1 : 10;
        limits.MaxTrials = limits.HasMaxTrials ? limits.MaxTrials : (int)Math.Min(whole, int.MaxValue);
        limits.MaxConcurrent = limits.HasMaxConcurrent ? limits.MaxConcurrent : 8; // more would only wait for devices
        limits.MaxFailed = limits.HasMaxFailed ? limits.MaxFailed : 3;
        return limits;
    }

    private static Dictionary<string, object> TrialDefaults(ulong seed) => new()
    {
        ["task"] = "class_conditional",
        ["objective"] = "divco",
        ["dataset.name"] = "fashion-mnist",
        ["model.image_size"] = 32,
        ["model.width"] = 128,
        ["model.latent_dim"] = 100,
        ["model.feature_dim"] = 128,
        ["model.norm"] = "batch",
        ["optimizer.lr"] = 2e-4,
        ["optimizer.beta1"] = 0.5,
        ["optimizer.beta2"] = 0.999,
        ["optimizer.weight_decay"] = 1e-4,
        ["batch_size"] = 32,
        ["negatives"] = 10,
        ["steps"] = 2000,
        ["shards.negatives"] = 1,
        ["checkpoint.every"] = 200,
        ["checkpoint.keep_last"] = 2,
        ["checkpoint.keep_best"] = 1,
        ["seed"] = seed,
        ["lambda_contra"] = 1.0,
        ["tau"] = 1.0,
        ["radius"] = 0.001,
        ["feature_norm"] = true,
        ["contrastive_reduction"] = "mean",
        ["encoder_head"] = "projection",
        ["adversarial"] = "bce",
        ["report_every"] = 10,
    };

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
