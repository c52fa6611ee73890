namespace DivCo.Training.Evaluation;

/// <summary>The figures of one state of a trial.</summary>
/// <param name="Step">Steps completed.</param>
/// <param name="Images">Generated images.</param>
/// <param name="Sets">Each names its net.</param>
public sealed record EvaluationResult(int Step, int Images, IReadOnlyList<FigureSet> Sets)
{
    /// <summary>All figures by name.</summary>
    public IReadOnlyDictionary<string, double> Figures =>
        new SortedDictionary<string, double>(Sets.SelectMany(set => set.Figures).ToDictionary(), StringComparer.Ordinal);
}
