namespace DivCo.Training.Evaluation;

/// <summary>Figures that come from one view of the images.</summary>
/// <param name="Net">The net in whose features they were computed, or what stands in for one; without it they say nothing.</param>
/// <param name="Against">What the generated images were compared with.</param>
/// <param name="Figures">By names of <see cref="EvaluationMetrics"/>.</param>
public sealed record FigureSet(string Net, string Against, IReadOnlyDictionary<string, double> Figures);
