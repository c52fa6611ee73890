using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>
/// The defaults of a trial. Some depend on other fields of it, and some fields are those of some trials alone: where the search draws what
/// that depends on, the default is that of each drawn trial, and the sweep's own trial leaves the field out.
/// </summary>
internal static class TrialDefaults
{
    /// <summary>What defaults and conditions of other fields look at.</summary>
    private static readonly string[] _conditions =
        ["task", "objective", "lambda_contra", "reconstruction", "model.architecture", "optimizer.schedule", "steps", "checkpoint.every"];

    /// <summary>In this order, so that a default may look at those before it; null: none.</summary>
    private static readonly (string Path, Func<TrialSpec, object?> Value)[] _defaults =
    [
        Always("task", "class_conditional"),
        Always("objective", "divco"),
        ("lambda_contra", trial => trial.Objective == "divco" ? trial.Task == Tasks.Paired ? 0.3 : 1.0 : null),
        ("lambda_ms", trial => trial.Objective == "mode_seeking" ? 1.0 : null),
        ("lambda_z", trial => trial.Objective == "latent_regression" ? trial.Task == Tasks.Unpaired ? 10.0 : 0.5 : null),
        ByTask("dataset.name", "fashion-mnist", "edges-to-fashion", "sneakers-to-boots"),
        Always("model.image_size", 32),
        Always("model.architecture", "bicycle_gan"),
        ByTask("model.width", 128, 64, 64),
        ("model.latent_dim", trial => IsDeterministic(trial) ? 0 : trial.Task is Tasks.Paired or Tasks.Unpaired ? 8 : 100),
        Always("model.feature_dim", 128),
        Always("model.norm", "batch"),
        ByTask("batch_size", 32, 1, 1),
        Always("negatives", 10),
        Always("steps", 2000),
        Always("shards.negatives", 1),
        ByTask("optimizer.lr", 2e-4, 2e-4, 1e-4),
        Always("optimizer.beta1", 0.5),
        Always("optimizer.beta2", 0.999),
        ByTask("optimizer.weight_decay", 1e-4, 0.0, 1e-4),
        Always("optimizer.schedule", "constant"),
        ("optimizer.decay_from", trial => trial.Steps / 2),
        Always("checkpoint.every", 200),
        ("evaluation.every", trial => trial.Checkpoint.Every),
        Always("evaluation.samples", 2000),
        Always("evaluation.images_per_step", 100),
        Always("checkpoint.keep_last", 2),
        Always("checkpoint.keep_best", 1),
        Always("tau", 1.0),
        ByTask("radius", 0.001, 0.01, 0.01),
        Always("feature_norm", true),
        Always("contrastive_reduction", "mean"),
        Always("encoder_head", "projection"),
        Always("reconstruction", "cross_cycle"),
        ("encoder", trial => trial.Task == Tasks.Paired ? "generator" : "content"),
        Always("content_updates", 3),
        Always("lambda_l1", 10.0),
        Always("lambda_kl", 0.01),
        Always("extra_code", false),
        ByTask("adversarial", "bce", "lsgan", "lsgan"),
        Always("report_every", 10),
    ];

    /// <summary>A trial for each way in which the search can decide what other fields depend on, complete.</summary>
    public static IReadOnlyList<TrialSpec> Probes(SweepSpec spec)
    {
        var space = new SearchSpace(spec);
        IEnumerable<TrialSpec> probes = [spec.Trial];
        foreach (var path in _conditions.Where(spec.Parameters.ContainsKey))
        {
            var values = space.Extremes(path).ToList();
            probes = values.Count == 0 ? probes : probes.SelectMany(probe => values.Select(value => ParameterPath.With(probe, [new(path, value)])));
        }

        return [.. probes.Select(probe => Complete(probe, ParameterPath.All))];
    }

    /// <summary>Defaults that are the same in all trials of a sweep, of fields that are neither set nor searched.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Of(SweepSpec spec)
    {
        var probes = Probes(spec);
        return from entry in _defaults
               where !spec.Parameters.ContainsKey(entry.Path) && ParameterPath.Get(spec.Trial, entry.Path) is null
               let values = Values(probes, entry.Path)
               where values is [not null]
               select KeyValuePair.Create(entry.Path, values[0]!);
    }

    /// <summary>A drawn trial with its own defaults, and without the fields that it has no use for.</summary>
    /// <param name="spec">Complete.</param>
    /// <param name="drawn">The sweep's trial with the drawn parameters.</param>
    public static TrialSpec Of(SweepSpec spec, TrialSpec drawn)
    {
        if (!_conditions.Any(spec.Parameters.ContainsKey))
        {
            return drawn;
        }

        // What is the same in all trials was decided when the sweep was submitted, perhaps by an earlier release: it stays as it is.
        var probes = Probes(spec);
        var open = ParameterPath.All.Where(path => Values(probes, path).Count > 1).ToHashSet();
        var complete = Complete(drawn, open);
        foreach (var path in open.Where(path => !FieldConditions.Hold(complete, path)))
        {
            ParameterPath.Clear(complete, path);
        }

        return complete;
    }

    /// <summary>The sweep's trial with a default of every field that any of its trials has: what rules look at.</summary>
    public static SweepSpec Widest(SweepSpec spec, IReadOnlyList<TrialSpec> probes)
    {
        var widest = spec.Clone();
        foreach (var (path, _) in _defaults.Where(entry => !spec.Parameters.ContainsKey(entry.Path) && ParameterPath.Get(spec.Trial, entry.Path) is null))
        {
            if (Values(probes, path).OfType<object>().ToList() is [var value])
            {
                ParameterPath.Set(widest.Trial, path, value);
            }
        }

        return widest;
    }

    private static List<object?> Values(IReadOnlyList<TrialSpec> probes, string path) =>
        [.. probes.Select(probe => FieldConditions.Hold(probe, path) ? ParameterPath.Get(probe, path) : null).Distinct()];

    private static TrialSpec Complete(TrialSpec trial, IReadOnlyCollection<string> paths)
    {
        var complete = trial.Clone();
        foreach (var (path, value) in _defaults.Where(entry => paths.Contains(entry.Path)))
        {
            if (ParameterPath.Get(complete, path) is null && FieldConditions.Hold(complete, path) && value(complete) is { } found)
            {
                ParameterPath.Set(complete, path, found);
            }
        }

        return complete;
    }

    private static (string Path, Func<TrialSpec, object?> Value) Always(string path, object value) => (path, _ => value);

    private static (string Path, Func<TrialSpec, object?> Value) ByTask(string path, object classConditional, object paired, object unpaired) =>
        (path, trial => trial.Task switch { Tasks.Paired => paired, Tasks.Unpaired => unpaired, _ => classConditional });

    /// <summary>Pix2pix, where no term asks for images that differ, needs no latent.</summary>
    private static bool IsDeterministic(TrialSpec trial) =>
        trial.Task == Tasks.Paired && trial.Model?.Architecture == "pix2pix" && trial.Objective == "none";
}
