using DivCo.Training.Evaluation.FeatureNets;

namespace DivCo.Training.Evaluation;

/// <summary>How generated images are judged. Figures of the same settings on the same data set can be compared, and no others.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Images that are generated, and at most as many real ones to compare with; at least 100.</summary>
    public int Samples { get; init; } = 10_000;

    /// <summary>Names of <see cref="EvaluationMetrics"/>; the others are not computed.</summary>
    public IReadOnlyCollection<string> Metrics { get; init; } = EvaluationMetrics.All;

    /// <summary>A safetensors file of InceptionV3, for features; null: the classifier that the product trains on the data set.</summary>
    public string? InceptionWeights { get; init; }

    /// <summary>A safetensors file of LPIPS with AlexNet, for perceptual distances; null: the same classifier.</summary>
    public string? LpipsWeights { get; init; }

    /// <summary>K of NDB and JSD.</summary>
    public int Bins { get; init; } = 100;

    /// <summary>Of the latents, of all that is drawn, and of the classifier: part of the definition of the figures, not of the trial.</summary>
    public ulong Seed { get; init; }

    /// <summary>That the classifier is trained on.</summary>
    internal int ClassifierSamples { get; init; } = ClassifierTraining.Samples;

    internal bool Wants(params ReadOnlySpan<string> metrics)
    {
        foreach (var metric in metrics)
        {
            if (Metrics.Contains(metric))
            {
                return true;
            }
        }

        return false;
    }

    /// <exception cref="EvaluationException">A value is out of range; says which are allowed.</exception>
    internal void Check()
    {
        const int minSamples = 100;
        if (Samples < minSamples)
        {
            throw new EvaluationException($"samples is {Samples}; allowed: {minSamples} or more");
        }

        if (Bins < 2 || Bins > Samples)
        {
            throw new EvaluationException($"bins is {Bins}; allowed: 2 to the number of samples, {Samples}");
        }

        if (Metrics.Except(EvaluationMetrics.All).FirstOrDefault() is { } unknown)
        {
            throw new EvaluationException($"metrics holds \"{unknown}\"; allowed: {string.Join(", ", EvaluationMetrics.All)}");
        }
    }
}
