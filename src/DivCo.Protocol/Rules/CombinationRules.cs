using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>Fields that must agree with each other, for any values that the search can draw.</summary>
internal static class CombinationRules
{
    private static readonly string[] Weights = ["lambda_contra", "lambda_ms", "lambda_z"];

    /// <param name="spec">With a value of every field that any trial has.</param>
    /// <param name="probes">Trials of all kinds that the search can draw.</param>
    public static IEnumerable<Violation> Check(SweepSpec spec, IReadOnlyList<TrialSpec> probes)
    {
        var space = new SearchSpace(spec);
        return new[]
        {
            Divides(space, "shards.data", "batch_size"),
            Divides(space, "shards.negatives", "negatives"),
            Workers(spec, space, probes),
            DecayFrom(space),
            Grid(spec),
        }.OfType<Violation>()
            .Concat(DatasetRules.Check(space))
            .Concat(PairedRules.Check(space, probes))
            .Concat(UnpairedRules.Check(space, probes))
            .Concat(EvaluationRules.Check(spec, space));
    }

    public static IEnumerable<Violation> Warn(SweepSpec spec)
    {
        var space = new SearchSpace(spec);
        if (space.Integers("shards.negatives").Any(shards => shards > 1))
        {
            if (space.Texts("model.norm").Contains("batch"))
            {
                yield return new(space.FieldOf("model.norm"), "with shards.negatives above 1, norm: batch is another objective than "
                    + "without (the statistics of a shard mark its images); use norm: instance");
            }

        }

        foreach (var path in Weights.Where(path => spec.Parameters.ContainsKey("objective") && (spec.Parameters.ContainsKey(path) || ParameterPath.Get(spec.Trial, path) is not null)))
        {
            yield return new(space.FieldOf(path), "is the weight of its term in the trials of every objective but none; leave it out, and its own objective has it by default");
        }

        if (spec.Method == SweepSpecRules.GridMethod && spec.Limits.MaxTrials < GridSize.Of(spec))
        {
            yield return new("limits.max_trials", $"only the first {spec.Limits.MaxTrials} of {GridSize.Of(spec)} combinations will be run");
        }
    }

    private static Violation? Divides(SearchSpace space, string divisorPath, string dividendPath)
    {
        foreach (var divisor in space.Integers(divisorPath).Where(value => value is >= 1 and <= SweepLimits.MaxWorkers))
        {
            foreach (var dividend in space.Integers(dividendPath).Where(value => value >= 1))
            {
                if (dividend % divisor != 0)
                {
                    var divisors = Enumerable.Range(1, 64).Where(candidate => dividend % candidate == 0);
                    return new(space.FieldOf(divisorPath), $"{divisor} does not divide {dividendPath} {dividend}; "
                        + $"for {dividend} use one of {string.Join(", ", divisors)}");
                }
            }
        }

        return null;
    }

    /// <summary>A worker without a shard would have nothing to do.</summary>
    private static Violation? Workers(SweepSpec spec, SearchSpace space, IReadOnlyList<TrialSpec> probes)
    {
        var data = space.Integers("shards.data").Where(value => value >= 1).DefaultIfEmpty(1).Min();
        var negatives = space.Integers("shards.negatives").Where(value => value >= 1).DefaultIfEmpty(1).Min();
        negatives = probes.All(probe => FieldConditions.Hold(probe, "shards.negatives")) ? negatives : 1;
        var shards = data * negatives;
        var elastic = spec.Resources.Elastic is { } range && range.Max > spec.Resources.Workers;
        var (field, workers) = elastic ? ("resources.elastic.max", spec.Resources.Elastic.Max) : ("resources.workers", spec.Resources.Workers);
        return workers <= shards ? null : new(field,
            $"{workers} workers share only {shards} shard{(shards == 1 ? "" : "s")} (shards.data {data} x shards.negatives {negatives}); "
            + $"use at most {shards} workers, or more shards.data");
    }

    private static Violation? DecayFrom(SearchSpace space)
    {
        var (from, steps) = (space.Integers("optimizer.decay_from").DefaultIfEmpty(-1).Max(), space.Integers("steps").DefaultIfEmpty(long.MaxValue).Min());
        return from < steps ? null : new(space.FieldOf("optimizer.decay_from"), $"{from} is not below steps {steps}, so the learning rate would stay constant; "
            + "lower it, or use optimizer.schedule: constant");
    }

    private static Violation? Grid(SweepSpec spec) =>
        spec.Method == SweepSpecRules.GridMethod && spec.Parameters.Count == 0
            ? new("parameters", $"a grid needs at least one parameter with values: [...]; list them, or use method: {SweepSpecRules.RandomMethod}")
            : null;
}
