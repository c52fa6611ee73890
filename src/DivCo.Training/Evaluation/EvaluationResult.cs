using System.Text.Json;

namespace DivCo.Training.Evaluation;

/// <summary>The figures of one state of a trial.</summary>
/// <param name="Step">Steps completed.</param>
/// <param name="Images">Generated images, without those for pairs.</param>
/// <param name="Sets">Each names its net.</param>
public sealed record EvaluationResult(int Step, int Images, IReadOnlyList<FigureSet> Sets)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n" };

    /// <summary>All figures by name.</summary>
    public IReadOnlyDictionary<string, double> Figures =>
        new SortedDictionary<string, double>(Sets.SelectMany(set => set.Figures).ToDictionary(), StringComparer.Ordinal);

    /// <summary>The result as JSON: step, images, figures by name, and sets with net, against and figures; what is not a number is null.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new { Step, Images, Figures = Finite(Figures), Sets = Sets.Select(set => new { set.Net, set.Against, Figures = Finite(set.Figures) }) }, _json);

    private static Dictionary<string, double?> Finite(IReadOnlyDictionary<string, double> figures) =>
        figures.ToDictionary(figure => figure.Key, figure => double.IsFinite(figure.Value) ? figure.Value : (double?)null);
}
