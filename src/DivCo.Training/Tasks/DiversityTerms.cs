namespace DivCo.Training.Tasks;

/// <summary>
/// The terms that make images of one condition differ with their latents: that of the objective, whatever its weight, and those that a weight
/// adds to it.
/// </summary>
/// <param name="Contrasts">The contrastive term: queries have positives and negatives.</param>
/// <param name="SeeksModes">The mode-seeking term.</param>
/// <param name="RegressesLatents">Latents are found again from their images.</param>
/// <param name="HasSecondCode">
/// Whether a second latent of each sample, independent of its query, is generated and judged too: the mode-seeking term is a function of both; without the
/// contrastive term objectives are compared on the same images; with it, it is a choice.
/// </param>
internal sealed record DiversityTerms(bool Contrasts, bool SeeksModes, bool RegressesLatents, bool HasSecondCode)
{
    public static DiversityTerms Of(TrainingConfig config)
    {
        var contrasts = Has(Objective.DivCo, config.LambdaContra);
        var seeksModes = Has(Objective.ModeSeeking, config.LambdaMs);
        return new DiversityTerms(
            contrasts, seeksModes, Has(Objective.LatentRegression, config.LambdaZ), HasSecondCode: !contrasts || seeksModes || config.ExtraCode);

        bool Has(Objective own, double weight) => config.Objective == own || (config.Objective != Objective.None && weight > 0);
    }
}
