using MathNet.Numerics.LinearAlgebra;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Frechet (2-Wasserstein, squared) distance of two Gaussians: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), as used by Heusel et al. 2017 on
/// the features of images.
/// </summary>
internal static class FrechetDistance
{
    /// <param name="mean1">[n]</param>
    /// <param name="covariance1">[n, n], symmetric and positive semidefinite up to rounding.</param>
    /// <param name="mean2">[n]</param>
    /// <param name="covariance2">[n, n], as the first.</param>
    /// <returns>At least 0, in squared units of the features; NaN where an argument holds one.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Of(Vector<double> mean1, Matrix<double> covariance1, Vector<double> mean2, Matrix<double> covariance2)
    {
        int[] sizes = [mean1.Count, mean2.Count, covariance1.RowCount, covariance1.ColumnCount, covariance2.RowCount, covariance2.ColumnCount];
        if (sizes.Distinct().Count() > 1)
        {
            throw new ArgumentException($"means and covariances must be of one size, but are of {string.Join(", ", sizes)}", nameof(mean2));
        }

        Vector<double> difference = mean1 - mean2;
        double distance = difference.DotProduct(difference) + covariance1.Trace() + covariance2.Trace() - (2 * TraceOfRoot(covariance1, covariance2));
        return double.IsNaN(distance) ? double.NaN : Math.Max(0, distance);
    }

    /// <summary>
    /// tr((C1 C2)^(1/2)). The product is not symmetric, but it has the eigenvalues of C1^(1/2) C2 C1^(1/2), which is: so no general matrix root
    /// is taken, singular covariances (fewer samples than features) need no ridge, and no imaginary part arises.
    /// </summary>
    private static double TraceOfRoot(Matrix<double> covariance1, Matrix<double> covariance2)
    {
        if (covariance1.Enumerate().Concat(covariance2.Enumerate()).Any(value => !double.IsFinite(value)))
        {
            return double.NaN;
        }

        var eigen = covariance1.Evd(Symmetricity.Symmetric);
        Vector<double> roots = eigen.EigenValues.Map(value => Math.Sqrt(Math.Max(0, value.Real)));
        Matrix<double> root = eigen.EigenVectors * Matrix<double>.Build.DiagonalOfDiagonalVector(roots) * eigen.EigenVectors.Transpose();
        Matrix<double> product = root * covariance2 * root;
        Matrix<double> symmetric = (product + product.Transpose()) / 2;
        return symmetric.Evd(Symmetricity.Symmetric).EigenValues.Sum(value => Math.Sqrt(Math.Max(0, value.Real)));
    }
}
