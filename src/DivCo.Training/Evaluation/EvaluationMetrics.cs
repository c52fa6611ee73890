namespace DivCo.Training.Evaluation;

/// <summary>The figures of an evaluation by their public names.</summary>
public static class EvaluationMetrics
{
    /// <summary>Frechet distance of the features; lower is better.</summary>
    public const string Frechet = "frechet_distance";

    /// <summary>Kernel distance (KID) of the features; lower is better.</summary>
    public const string Kernel = "kernel_distance";

    /// <summary>Standard error of the kernel distance.</summary>
    public const string KernelError = "kernel_distance_error";

    public const string Precision = "precision";

    public const string Recall = "recall";

    public const string Density = "density";

    public const string Coverage = "coverage";

    /// <summary>Mean perceptual distance of two images of one condition; higher is more diverse.</summary>
    public const string Perceptual = "perceptual_diversity";

    /// <summary>Number of statistically different bins; lower is better.</summary>
    public const string DifferentBins = "ndb";

    /// <summary>Jensen-Shannon divergence of the bins' proportions; lower is better.</summary>
    public const string Divergence = "jsd";

    /// <summary>Share of the modes of the synthetic set that were hit.</summary>
    public const string Modes = "mode_coverage";

    /// <summary>Share of generated images that are of a mode of their class, on the synthetic set.</summary>
    public const string ModeHits = "mode_hits";

    /// <summary>All of them; those of modes exist on the synthetic set alone.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Frechet, Kernel, KernelError, Precision, Recall, Density, Coverage, Perceptual, DifferentBins, Divergence, Modes, ModeHits];
}
