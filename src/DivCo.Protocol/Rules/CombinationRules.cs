using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>Fields that must agree with each other, for any values that the search can draw.</summary>
internal static class CombinationRules
{
    public static IEnumerable<Violation> Check(SweepSpec spec)
    {
        var space = new SearchSpace(spec);
        return new[]
        {
            Divides(space, "shards.data", "batch_size"),
            Divides(space, "shards.negatives", "negatives"),
            Workers(spec, space),
            Grid(spec),
        }.OfType<Violation>().Concat(DatasetRules.Check(space));
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

            if (space.Texts("objective").Contains("none"))
            {
                yield return new(space.FieldOf("shards.negatives"), "objective: none has no negatives, so these shards have no work");
            }
        }

        if (space.Texts("objective").All(objective => objective == "none"))
        {
            foreach (var path in (string[])["lambda_contra", "tau", "radius", "negatives"])
            {
                if (spec.Parameters.ContainsKey(path))
                {
                    yield return new($"parameters.{path}", "has no effect with objective: none");
                }
            }
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
    private static Violation? Workers(SweepSpec spec, SearchSpace space)
    {
        var data = space.Integers("shards.data").Where(value => value >= 1).DefaultIfEmpty(1).Min();
        var negatives = space.Integers("shards.negatives").Where(value => value >= 1).DefaultIfEmpty(1).Min();
        var shards = data * negatives;
        var elastic = spec.Resources.Elastic is { } range && range.Max > spec.Resources.Workers;
        var (field, workers) = elastic ? ("resources.elastic.max", spec.Resources.Elastic.Max) : ("resources.workers", spec.Resources.Workers);
        return workers <= shards ? null : new(field,
            $"{workers} workers share only {shards} shard{(shards == 1 ? "" : "s")} (shards.data {data} x shards.negatives {negatives}); "
            + $"use at most {shards} workers, or more shards.data");
    }

    private static Violation? Grid(SweepSpec spec) =>
        spec.Method == SweepSpecRules.GridMethod && spec.Parameters.Count == 0
            ? new("parameters", $"a grid needs at least one parameter with values: [...]; list them, or use method: {SweepSpecRules.RandomMethod}")
            : null;
}
