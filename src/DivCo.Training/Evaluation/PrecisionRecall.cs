namespace DivCo.Training.Evaluation;

/// <summary>
/// How much of what is generated looks real, and how much of what is real is generated (Kynkäänniemi, Karras, Laine, Lehtinen and Aila,
/// "Improved Precision and Recall Metric for Assessing Generative Models", NeurIPS 2019).
/// </summary>
/// <param name="Precision">Share of generated samples within the balls of the real ones.</param>
/// <param name="Recall">Share of real samples within the balls of the generated ones.</param>
internal sealed record PrecisionRecall(double Precision, double Recall)
{
    /// <summary>k of the paper.</summary>
    public const int Neighbours = 3;

    public static PrecisionRecall Of(Neighbourhoods real, Neighbourhoods generated) =>
        new(real.ShareWithin(generated.Centres), generated.ShareWithin(real.Centres));
}
