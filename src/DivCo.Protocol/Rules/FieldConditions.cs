using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>When a field of a trial has a meaning at all.</summary>
/// <param name="Holds">Of a trial that has what the condition looks at.</param>
/// <param name="Otherwise">Says why the field has no use where the condition does not hold, and what to do.</param>
internal sealed record FieldCondition(Func<TrialSpec, bool> Holds, string Otherwise);

/// <summary>The fields that not every trial has. A trial never has one whose condition does not hold.</summary>
internal static class FieldConditions
{
    private static readonly FieldCondition _weight = new(
        trial => trial.Objective != "none",
        "has no use with objective: none, which has no diversity term; remove it, or choose another objective");

    private static readonly FieldCondition _contrastive = new(
        HasContrastiveTerm,
        "has no use without the contrastive term; remove it, or use objective: divco, or another objective with lambda_contra above 0");

    private static readonly FieldCondition _linear = new(
        trial => trial.Optimizer?.Schedule == "linear",
        "has no use with a constant learning rate; remove it, or use optimizer.schedule: linear");

    private static readonly FieldCondition _head = new(
        trial => trial.Task == Tasks.ClassConditional && HasContrastiveTerm(trial),
        "is of the contrastive term of task: class_conditional alone; remove it");

    private static readonly FieldCondition _norm = new(
        trial => trial.Task == Tasks.ClassConditional,
        "is of task: class_conditional alone: the networks of the others have the norms they were published with; remove it");

    private static readonly FieldCondition _encoder = new(
        trial => trial.Task is Tasks.Paired or Tasks.Unpaired && HasContrastiveTerm(trial),
        "is of the contrastive term of tasks paired and unpaired alone; remove it");

    private static readonly FieldCondition _reconstructs = new(
        trial => trial.Task is Tasks.Paired or Tasks.Unpaired,
        "is of tasks paired and unpaired alone; remove it");

    private static readonly FieldCondition _encodes = new(
        trial => (trial.Task == Tasks.Paired && trial.Model?.Architecture != "pix2pix") || (trial.Task == Tasks.Unpaired && trial.Reconstruction != "cycle"),
        "is of tasks that encode images into latents alone: paired with model.architecture: bicycle_gan, unpaired with reconstruction: cross_cycle; remove it");

    private static readonly FieldCondition _paired = new(
        trial => trial.Task == Tasks.Paired,
        "is of task: paired alone; remove it");

    private static readonly FieldCondition _unpaired = new(
        trial => trial.Task == Tasks.Unpaired,
        "is of task: unpaired alone; remove it");

    private static readonly FieldCondition _crossCycle = new(
        trial => trial.Task == Tasks.Unpaired && trial.Reconstruction != "cycle",
        "is of task: unpaired with reconstruction: cross_cycle alone; remove it");

    private static readonly FieldCondition _evaluated = new(
        trial => trial.Evaluation is not null,
        "cannot be searched alone; write evaluation: {} below trial to have checkpoints judged");

    /// <summary>By path; fields that are not here are those of every trial.</summary>
    public static readonly IReadOnlyDictionary<string, FieldCondition> All = new Dictionary<string, FieldCondition>
    {
        ["lambda_contra"] = _weight,
        ["lambda_ms"] = _weight,
        ["lambda_z"] = _weight,
        ["negatives"] = _contrastive,
        ["shards.negatives"] = _contrastive,
        ["tau"] = _contrastive,
        ["radius"] = _contrastive,
        ["feature_norm"] = _contrastive,
        ["contrastive_reduction"] = _contrastive,
        ["encoder_head"] = _head,
        ["model.feature_dim"] = _head,
        ["model.norm"] = _norm,
        ["model.architecture"] = _paired,
        ["encoder"] = _encoder,
        ["reconstruction"] = _unpaired,
        ["lambda_l1"] = _reconstructs,
        ["lambda_kl"] = _encodes,
        ["content_updates"] = _crossCycle,
        ["extra_code"] = _contrastive,
        ["optimizer.decay_from"] = _linear,
        ["evaluation.every"] = _evaluated,
        ["evaluation.samples"] = _evaluated,
        ["evaluation.images_per_step"] = _evaluated,
    };

    public static bool Hold(TrialSpec trial, string path) => !All.TryGetValue(path, out var condition) || condition.Holds(trial);

    /// <summary>Fields that have a meaning in no trial that the search can draw.</summary>
    public static IEnumerable<Violation> Check(SweepSpec spec, IReadOnlyList<TrialSpec> probes) =>
        from path in ParameterPath.All
        where All.ContainsKey(path) && (spec.Parameters.ContainsKey(path) || ParameterPath.Get(spec.Trial, path) is not null)
        where !probes.Any(All[path].Holds)
        select new Violation(new SearchSpace(spec).FieldOf(path), All[path].Otherwise);

    private static bool HasContrastiveTerm(TrialSpec trial) => trial.Objective switch
    {
        "none" => false,
        "mode_seeking" or "latent_regression" => trial.LambdaContra > 0,
        _ => true,
    };
}
