using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>
/// The contrastive term of DivCo (Liu et al., CVPR 2021, equation 3): for each condition the cross entropy of picking the positive
/// among positive and N negatives by their inner product with the query, over a temperature. Only the query is an anchor, and
/// conditions never meet.
/// </summary>
/// <param name="negatives">N.</param>
/// <param name="tau">The temperature.</param>
internal sealed class ContrastiveLoss(int negatives, double tau) : IDisposable
{
    private readonly Scalar _tau = tau.ToScalar();

    /// <summary>
    /// The sum of the term over the conditions of <paramref name="rows"/>.
    /// </summary>
    /// <param name="rows">
    /// Features, [(N + 2) B, F], block-major: row r B + b is block r (0 the query, 1 the positive, 2... the negatives) of condition b.
    /// </param>
    /// <returns>A scalar of the rows' type, with a graph to every row.</returns>
    public Tensor Sum(Tensor rows)
    {
        var blocks = rows.view(negatives + 2, -1, rows.shape[1]);
        var query = blocks.narrow(0, 0, 1);
        var others = blocks.narrow(0, 1, negatives + 1);
        var logits = (query * others).sum(dim: 2).div(_tau);
        return (logits.logsumexp(0) - logits[0]).sum();
    }

    public void Dispose() => _tau.Dispose();
}
