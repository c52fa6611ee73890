using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Frechet (2-Wasserstein, squared) distance of two Gaussians: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), as used by Heusel et al. 2017 on
/// the features of images.
/// </summary>
internal static class FrechetDistance
{
    /// <returns>At least 0, in squared units of the features; NaN where an argument holds a value that is not finite.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Of(Gaussian one, Gaussian other)
    {
        var size = one.Mean.Length;
        if (other.Mean.Length != size || one.Covariance.Length != size * size || other.Covariance.Length != size * size)
        {
            throw new ArgumentException(
                $"means of {size} and {other.Mean.Length} elements and covariances of {one.Covariance.Length} and {other.Covariance.Length} do not fit", nameof(other));
        }

        if (new[] { one.Mean, one.Covariance, other.Mean, other.Covariance }.Any(values => values.Any(value => !double.IsFinite(value))))
        {
            return double.NaN;
        }

        double distance = -2 * TraceOfRoot(one.Covariance, other.Covariance, size);
        for (var i = 0; i < size; i++)
        {
            var difference = one.Mean[i] - other.Mean[i];
            distance += (difference * difference) + one.Covariance[i * (size + 1)] + other.Covariance[i * (size + 1)];
        }

        return Math.Max(0, distance);
    }

    /// <summary>
    /// tr((C1 C2)^(1/2)). The product is not symmetric, but it has the eigenvalues of C1^(1/2) C2 C1^(1/2), which is: so no general matrix root
    /// is taken, singular covariances (fewer samples than features) need no ridge, and no imaginary part arises.
    /// </summary>
    private static double TraceOfRoot(double[] covariance1, double[] covariance2, int size)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(TensorMemory.Float64(covariance1).view(size, size));
        var root = vectors.mul(values.relu().sqrt()).mm(vectors.t());
        var product = root.mm(TensorMemory.Float64(covariance2).view(size, size)).mm(root);
        return linalg.eigvalsh(product).relu().sqrt().sum().item<double>();
    }
}
