using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>Evaluation must fit the checkpoints that it judges, and a metric must be there, for any values that the search can draw.</summary>
internal static class EvaluationRules
{
    private const string Every = "evaluation.every";
    private const string CheckpointEvery = "checkpoint.every";
    private const string ImagesPerStep = "evaluation.images_per_step";

    public static IEnumerable<Violation> Check(SweepSpec spec, SearchSpace space) =>
        (spec.Trial.Evaluation is null ? [Metric(spec)] : new[] { AtCheckpoints(space), InTime(space), Modes(spec, space) }).OfType<Violation>();

    private static Violation? Metric(SweepSpec spec) => MetricNames.IsEvaluated(spec.Metric.Name)
        ? new("metric.name", $"{spec.Metric.Name} is a figure of evaluation, which trials have not; write evaluation: {{}} below trial")
        : null;

    private static Violation? Modes(SweepSpec spec, SearchSpace space) =>
        spec.Metric.Name is MetricNames.ModeCoverage or MetricNames.ModeHits && space.Texts("dataset.name").FirstOrDefault(name => name != "modes") is { } other
            ? new("metric.name", $"{spec.Metric.Name} is known on dataset.name: modes alone, and not on {other}; use coverage")
            : null;

    private static Violation? AtCheckpoints(SearchSpace space) => (
        from every in space.Integers(Every)
        from checkpoint in space.Integers(CheckpointEvery)
        where every > 0 && checkpoint > 0 && every % checkpoint != 0
        select new Violation(space.FieldOf(Every), $"{every} is no multiple of checkpoint.every {checkpoint}, and checkpoints are what is judged; "
            + $"use {((every / checkpoint) + 1) * checkpoint}"))
        .FirstOrDefault();

    /// <summary>Of two parts that follow each other the images are more than one step may have; pairs are half as many again as samples.</summary>
    private static Violation? InTime(SearchSpace space)
    {
        var samples = space.Integers("evaluation.samples").DefaultIfEmpty(0).Max();
        var images = Math.Max(1, space.Integers(ImagesPerStep).DefaultIfEmpty(long.MaxValue).Min());
        var checkpoint = space.Integers(CheckpointEvery).DefaultIfEmpty(long.MaxValue).Min();
        var steps = (3 * samples / images) + 1;
        return steps <= checkpoint ? null : new(space.FieldOf(ImagesPerStep), $"{images} images a step spread {samples} samples over up to {steps} steps, "
            + $"so that the next checkpoint, {checkpoint} steps on, would have to wait; use {(3 * samples / Math.Max(1, checkpoint - 1)) + 1} or more, or fewer evaluation.samples");
    }
}
