using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>One term of an update's loss, which is the sum of weight times value.</summary>
/// <param name="Name">Of the metric that reports the value, unweighted.</param>
/// <param name="Value">A float64 scalar with a graph.</param>
internal sealed record LossTerm(string Name, double Weight, Tensor Value)
{
    /// <summary>The metric that reports the loss which the term is part of; null: the update's own. An update may train networks of different losses at once.</summary>
    public string? Loss { get; init; }
}
