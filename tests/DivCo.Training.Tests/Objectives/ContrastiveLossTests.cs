using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Objectives;

public sealed class ContrastiveLossTests
{
    private const int Features = 8;

    // Computed independently in PyTorch 1.13 (float64) from the released loss of DivCo.
    public static TheoryData<int, int, double, bool, double, double, double, double, double> Golden => new()
    {
        { 1, 10, 1, false, 1.529638904713, 2.176100716246, -0.372716022173, -0.155634797914, 0.002918987020 },
        { 1, 10, 1, true, 1.879969707817, 0.262485136768, -0.079368416024, 0.083929794743, -0.005728839809 },
        { 1, 10, 0.1, true, 1.876467344198, 2.696116767465, -0.993690424206, 0.838767690301, -0.000692673414 },
        { 2, 10, 1, false, 3.624588189818, 3.399622877614, -0.372716022173, -0.155634797914, 0.002918987020 },
        { 3, 4, 0.07, true, 0.000950851858, 0.007556655496, 0.001345037146, 0.001271196447, -0.000787302825 },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Has_the_published_value_and_gradient(
        int batch, int negatives, double tau, bool normalised, double loss, double norm, double query, double positive, double negative)
    {
        using var scope = NewDisposeScope();
        var (value, gradient) = Evaluate(Rows(batch, negatives, float64), negatives, tau, normalised);
        Assert.Equal(loss, value, 1e-9);
        Assert.Equal(norm, gradient.norm().item<double>(), 1e-9);
        Assert.Equal(query, gradient[0, 0].item<double>(), 1e-9);
        Assert.Equal(positive, gradient[batch, 0].item<double>(), 1e-9);
        Assert.Equal(negative, gradient[2 * batch, 0].item<double>(), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Float32_agrees_with_float64(
        int batch, int negatives, double tau, bool normalised, double loss, double norm, double query, double positive, double negative)
    {
        using var scope = NewDisposeScope();
        var (value, gradient) = Evaluate(Rows(batch, negatives, float32), negatives, tau, normalised);
        Close(loss, value);
        Close(norm, gradient.norm().item<float>());
        Close(query, gradient[0, 0].item<float>());
        Close(positive, gradient[batch, 0].item<float>());
        Close(negative, gradient[2 * batch, 0].item<float>());

        static void Close(double expected, double actual) => Assert.Equal(expected, actual, Math.Max(1e-6, 1e-5 * Math.Abs(expected)));
    }

    [Theory]
    [InlineData(2, 3, 0.5, true)]
    [InlineData(2, 3, 0.5, false)]
    public void Gradient_agrees_with_finite_differences(int batch, int negatives, double tau, bool normalised)
    {
        const double Step = 1e-5;
        using var scope = NewDisposeScope();
        var rows = Rows(batch, negatives, float64);
        var gradient = Evaluate(rows, negatives, tau, normalised).Gradient.data<double>().ToArray();
        var values = rows.data<double>().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], 1e-8);
        }

        double At(int i, double change)
        {
            var moved = values.ToArray();
            moved[i] += change;
            return Evaluate(tensor(moved, rows.shape).clone(), negatives, tau, normalised).Value;
        }
    }

    [Fact]
    public void Equal_logits_cost_the_logarithm_of_their_number()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(3 * Math.Log(11), Evaluate(zeros(36, Features, float64), 10, 1, normalised: true).Value, 1e-12);
    }

    [Fact]
    public void Large_logits_stay_finite()
    {
        using var scope = NewDisposeScope();
        using var large = 1e6.ToScalar();
        var (value, gradient) = Evaluate(Rows(2, 4, float32).mul(large), 4, 0.01, normalised: false);
        Assert.True(double.IsFinite(value));
        Assert.True(gradient.isfinite().all().item<bool>());
    }

    private static (double Value, Tensor Gradient) Evaluate(Tensor rows, int negatives, double tau, bool normalised)
    {
        using var loss = new ContrastiveLoss(negatives, tau);
        var leaf = rows.detach().requires_grad_();
        var value = loss.Sum(normalised ? FeatureNormalization.Apply(leaf) : leaf);
        return (value.to(float64).item<double>(), autograd.grad([value], [leaf])[0]);
    }

    private static Tensor Rows(int batch, int negatives, ScalarType type)
    {
        var values = new double[(negatives + 2) * batch * Features];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, j) = (i / Features, i % Features);
            values[i] = Math.Sin(0.2 + (0.7 * (row / batch)) + (0.3 * j) + (0.5 * (row % batch)));
        }

        return tensor(values, [values.Length / Features, Features]).to(type).clone();
    }
}
