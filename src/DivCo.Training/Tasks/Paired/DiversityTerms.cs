namespace DivCo.Training.Tasks.Paired;

/// <summary>What makes images of one condition differ with their latents: the weights of the terms; 0: not there.</summary>
internal sealed record DiversityTerms(double Contrastive, double ModeSeeking, double LatentRegression, bool SecondCode)
{
    public static DiversityTerms Of(TrainingConfig config) => new(
        config.Objective == Objective.DivCo ? config.LambdaContra : 0,
        0,
        0,
        SecondCode: config.Objective == Objective.None);

    public bool Contrast => Contrastive > 0;
}
