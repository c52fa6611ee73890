namespace DivCo.Protocol;

/// <summary>The metrics of a trial. Their names are part of the API.</summary>
public static class MetricNames
{
    /// <summary>Discriminator loss of the step.</summary>
    public const string LossD = "loss_d";

    /// <summary>Generator loss of the step: adversarial, and each other term times its weight.</summary>
    public const string LossG = "loss_g";

    /// <summary>Adversarial part of the generator loss.</summary>
    public const string LossAdv = "loss_adv";

    /// <summary>Contrastive part of the generator loss, before lambda_contra.</summary>
    public const string LossContra = "loss_contra";

    /// <summary>Mode-seeking part of the generator loss, before lambda_ms.</summary>
    public const string LossMs = "loss_ms";

    /// <summary>Latent regression part of the generator loss, before lambda_z.</summary>
    public const string LossLatent = "loss_latent";

    /// <summary>Of task: paired: mean absolute distance between images and their targets, before lambda_l1.</summary>
    public const string LossL1 = "loss_l1";

    /// <summary>Of task: paired: divergence of encoded latents from N(0, I), before lambda_kl.</summary>
    public const string LossKl = "loss_kl";

    /// <summary>batch_size / step time, 1/s.</summary>
    public const string SamplesPerS = "samples_per_s";

    /// <summary>Mean over classes of the mean pairwise RMS pixel distance of generated images, at a checkpoint.</summary>
    public const string Diversity = "diversity";

    /// <summary>The smallest variance of a pixel over the generated images of one condition, averaged over pixels, at a checkpoint.</summary>
    public const string SampleVariance = "sample_variance";

    /// <summary>Parts of the generator loss that make images of one condition differ.</summary>
    public static IReadOnlyList<string> DiversityTerms { get; } = [LossContra, LossMs, LossLatent];

    /// <summary>Figures of a checkpoint that was evaluated, of which less is better.</summary>
    public static IReadOnlyList<string> EvaluatedLower { get; } = ["frechet_distance", "kernel_distance", "kernel_distance_error", "ndb", "jsd"];

    /// <summary>Figures of a checkpoint that was evaluated, of which more is better.</summary>
    public static IReadOnlyList<string> EvaluatedHigher { get; } =
        ["precision", "recall", "density", "coverage", "perceptual_diversity", ModeCoverage, ModeHits];

    /// <summary>Share of the modes of the synthetic data set that were hit.</summary>
    public const string ModeCoverage = "mode_coverage";

    /// <summary>Share of images that are of a mode, on the synthetic data set.</summary>
    public const string ModeHits = "mode_hits";

    public static IReadOnlyList<string> All { get; } =
        [LossD, LossG, LossAdv, LossContra, LossMs, LossLatent, LossL1, LossKl, SamplesPerS, Diversity, SampleVariance, .. EvaluatedLower, .. EvaluatedHigher];

    /// <summary>Whether a checkpoint has the metric only if it was evaluated.</summary>
    public static bool IsEvaluated(string metric) => EvaluatedLower.Contains(metric) || EvaluatedHigher.Contains(metric);
}
