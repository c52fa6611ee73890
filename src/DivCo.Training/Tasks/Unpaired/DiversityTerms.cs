namespace DivCo.Training.Tasks.Unpaired;

/// <summary>What makes images of one content differ with their latents: the terms by weight; 0: not there.</summary>
/// <param name="SecondCode">Whether a sample has a second, independent latent.</param>
internal sealed record DiversityTerms(double Contrastive, double ModeSeeking, double LatentRegression, bool SecondCode)
{
    public static DiversityTerms Of(TrainingConfig config) => new(
        config.Objective == Objective.DivCo ? config.LambdaContra : 0,
        0,
        0,
        SecondCode: config.Objective == Objective.None);

    public bool Contrast => Contrastive > 0;
}
