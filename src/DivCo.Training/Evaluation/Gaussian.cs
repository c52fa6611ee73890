using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>A normal distribution of n dimensions.</summary>
/// <param name="Mean">[n]</param>
/// <param name="Covariance">[n, n], row-major; symmetric and positive semidefinite up to rounding.</param>
internal sealed record Gaussian(double[] Mean, double[] Covariance)
{
    /// <summary>The mean of rows and their covariance with the divisor count - 1.</summary>
    /// <exception cref="ArgumentException">There are fewer than two rows.</exception>
    public static Gaussian Fit(FeatureRows rows)
    {
        if (rows.Count < 2)
        {
            throw new ArgumentException("one row has no covariance", nameof(rows));
        }

        using var scope = NewDisposeScope();
        using var divisor = (rows.Count - 1).ToScalar();
        var values = RowProducts.Matrix(rows, 0, rows.Count);
        var mean = values.mean([0]);
        var centred = values - mean;
        var covariance = centred.t().mm(centred).div(divisor).contiguous();
        return new Gaussian(TensorMemory.Doubles(mean).ToArray(), TensorMemory.Doubles(covariance).ToArray());
    }
}
