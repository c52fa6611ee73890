using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Sweeps;

/// <summary>
/// What the checkpoints of a trial say of a collapse: pure, and on figures alone that are the same for any number of workers, so a trial that is
/// run again is judged alike. Three checkpoints in a row must agree, for one step's losses say little.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record CollapseWatch
{
    /// <summary>The figures of the last checkpoints, oldest first.</summary>
    [Id(0)]
    public IReadOnlyList<CollapseFigures> Window { get; init; } = [];

    /// <summary>The largest sample variance so far.</summary>
    [Id(1)]
    public double BestVariance { get; init; }

    /// <summary>The largest contrastive margin so far, as a share of what is possible.</summary>
    [Id(2)]
    public double BestMargin { get; init; }

    /// <summary>The collapse; null: none so far.</summary>
    [Id(3)]
    public CollapseFinding? Found { get; init; }

    /// <summary>The sweep's policy has been applied to it.</summary>
    [Id(4)]
    public bool IsAnswered { get; init; }

    /// <summary>Takes checkpoints in; those known already change nothing. The first collapse found stays.</summary>
    internal CollapseWatch Take(IReadOnlyList<CheckpointEntry> proposals, TrialSpec trial)
    {
        var watch = this;
        foreach (var proposal in proposals.OrderBy(proposal => proposal.Step))
        {
            if (watch.Found is null && (watch.Window.Count == 0 || proposal.Step > watch.Window[^1].Step))
            {
                watch = watch.Take(CollapseFigures.Of(proposal, trial));
            }
        }

        return watch;
    }

    private CollapseWatch Take(CollapseFigures figures)
    {
        var watch = this with
        {
            Window = [.. Window.TakeLast(CollapseRule.Checkpoints - 1), figures],
            BestVariance = Math.Max(BestVariance, figures.Variance ?? 0),
            BestMargin = Math.Max(BestMargin, figures.Margin ?? 0),
        };
        return CollapseRule.Judge(watch) is { } reason ? watch with { Found = new CollapseFinding(figures.Step, reason, watch.Evidence()) } : watch;
    }

    private Dictionary<string, double> Evidence()
    {
        var last = Window[^1];
        var evidence = new Dictionary<string, double> { ["best_sample_variance"] = BestVariance, ["best_contrastive_margin"] = BestMargin };
        foreach (var (name, value) in ((string, double?)[])
            [(MetricNames.SampleVariance, last.Variance), (MetricNames.LossD, last.LossD), ("contrastive_margin", last.Margin)])
        {
            if (value is { } known)
            {
                evidence[name] = known;
            }
        }

        return evidence;
    }
}

/// <summary>A collapse, with the figures that show it.</summary>
[GenerateSerializer, Immutable]
public sealed record CollapseFinding([property: Id(0)] int Step, [property: Id(1)] string Reason, [property: Id(2)] Dictionary<string, double> Evidence);
