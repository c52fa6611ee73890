using DivCo.Training.Evaluation;
using MathNet.Numerics.LinearAlgebra;

namespace DivCo.Training.Tests.Evaluation;

public sealed class FrechetDistanceTests
{
    private static readonly MatrixBuilder<double> Matrices = Matrix<double>.Build;
    private static readonly VectorBuilder<double> Vectors = Vector<double>.Build;

    [Fact]
    public void The_diagonal_case_is_the_published_value()
    {
        double distance = Distance(
            Vectors.Dense([0.1, 0.2, 0.3]), Matrices.DiagonalOfDiagonalArray([1, 2, 0.5]), Vectors.Dense([0, 0.5, -0.1]), Matrices.DiagonalOfDiagonalArray([0.7, 1.5, 0.9]));
        Assert.Equal(0.380937545294, distance, 1e-11);
    }

    /// <summary>Two by two: tr((C1 C2)^(1/2)) = sqrt(tr(C1 C2) + 2 sqrt(det(C1 C2))).</summary>
    [Fact]
    public void Correlated_features_of_two_dimensions_follow_the_closed_form()
    {
        var random = new Random(9);
        for (int i = 0; i < 200; i++)
        {
            (Matrix<double> one, Matrix<double> other) = (Covariance(random, 2, 4), Covariance(random, 2, 4));
            Matrix<double> product = one * other;
            double root = Math.Sqrt(product.Trace() + (2 * Math.Sqrt(one.Determinant() * other.Determinant())));
            double expected = 0.25 + one.Trace() + other.Trace() - (2 * root);
            Assert.Equal(expected, Distance(Vectors.Dense([0.3, 1]), one, Vectors.Dense([0, 0.6]), other), 1e-9);
        }
    }

    [Theory]
    [InlineData(12, 40)]
    [InlineData(12, 5)]
    public void Turning_both_changes_nothing_the_order_neither_and_a_set_is_no_distance_from_itself(int features, int samples)
    {
        var random = new Random(4);
        (Matrix<double> one, Matrix<double> other) = (Covariance(random, features, samples), Covariance(random, features, samples));
        (Vector<double> mean, Vector<double> origin) = (Vectors.Dense(features, i => i * 0.1), Vectors.Dense(features));
        Matrix<double> turn = Matrices.Dense(features, features, (_, _) => random.NextDouble() - 0.5).QR().Q;
        double distance = Distance(mean, one, origin, other);
        Assert.True(distance > 0.1);
        Assert.Equal(distance, Distance(origin, other, mean, one), 1e-6);
        Assert.Equal(distance, Distance(turn * mean, turn * one * turn.Transpose(), origin, turn * other * turn.Transpose()), 1e-6);
        Assert.Equal(0, Distance(mean, one, mean, one), 1e-6);
    }

    [Fact]
    public void Nan_stays_visible_and_other_sizes_are_refused()
    {
        Matrix<double> identity = Matrices.DenseIdentity(2);
        Matrix<double> broken = identity.Clone();
        broken[0, 1] = double.NaN;
        Vector<double> origin = Vectors.Dense(2);
        Assert.Equal(double.NaN, Distance(origin, identity, origin, broken));
        Assert.Equal(double.NaN, Distance(Vectors.Dense([double.NaN, 0]), identity, origin, identity));
        Assert.Throws<ArgumentException>(() => Distance(origin, identity, Vectors.Dense(3), identity));
    }

    [Fact]
    public void Samples_give_mean_and_covariance_of_plain_loops()
    {
        var rows = RandomRows.Of(7, length: 3, seed: 3);
        var fit = Gaussian.Fit(rows);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Enumerable.Range(0, 7).Average(row => (double)rows.Row(row)[i]), fit.Mean[i], 1e-12);
            for (int j = 0; j < 3; j++)
            {
                double sum = Enumerable.Range(0, 7).Sum(row => (rows.Row(row)[i] - fit.Mean[i]) * (rows.Row(row)[j] - fit.Mean[j]));
                Assert.Equal(sum / 6, fit.Covariance[(i * 3) + j], 1e-12);
            }
        }

        Assert.Throws<ArgumentException>(() => Gaussian.Fit(RandomRows.Of(1, length: 3, seed: 3)));
    }

    /// <summary>N(0, I) against N((1, 0, 0, 0), diag(4, 1, 1, 1)): 1 + (2 - 1)^2 = 2.</summary>
    [Fact]
    public void Many_samples_of_known_gaussians_come_near_their_distance()
    {
        var one = RandomRows.Normal(40_000, length: 4, seed: 1);
        var values = RandomRows.Normal(40_000, length: 4, seed: 2).Values.ToArray();
        for (int i = 0; i < values.Length; i += 4)
        {
            values[i] = (2 * values[i]) + 1;
        }

        Assert.Equal(2, FrechetDistance.Of(Gaussian.Fit(one), Gaussian.Fit(new FeatureRows(values, 4))), 0.1);
    }

    private static double Distance(Vector<double> mean1, Matrix<double> covariance1, Vector<double> mean2, Matrix<double> covariance2) =>
        FrechetDistance.Of(new Gaussian(mean1.ToArray(), covariance1.ToRowMajorArray()), new Gaussian(mean2.ToArray(), covariance2.ToRowMajorArray()));

    private static Matrix<double> Covariance(Random random, int features, int samples)
    {
        Matrix<double> values = Matrices.Dense(samples, features, (_, _) => random.NextDouble() - 0.5);
        return values.Transpose() * values / samples;
    }
}
