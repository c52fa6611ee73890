using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Sharding;

/// <summary>A part of an update's loss and its gradient with respect to what the part is a function of.</summary>
/// <param name="Gradient">As the input; null where no term depends on it.</param>
internal sealed record LossGradient(IReadOnlyList<LossTerm> Terms, Tensor? Gradient)
{
    private static readonly Scalar One = 1.ToScalar();

    /// <param name="input">A tensor without a graph.</param>
    public static LossGradient Of(Tensor input, Func<Tensor, IReadOnlyList<LossTerm>> terms)
    {
        var leaf = input.detach().requires_grad_();
        var computed = terms(leaf);
        if (computed.Count == 0)
        {
            return new LossGradient(computed, null);
        }

        var total = zeros([], float64);
        foreach (var term in computed)
        {
            using var weight = term.Weight.ToScalar();
            total = total.add(term.Value.mul(weight), One);
        }

        return new LossGradient(computed, autograd.grad([total], [leaf])[0]);
    }
}
