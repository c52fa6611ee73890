using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Objectives;

public sealed class AdversarialLossTests
{
    private static readonly double[] Logits = [-800, -40, -3, -1, -1e-9, 0, 0.5, 1, 2, 40, 800];

    [Fact]
    public void Binary_cross_entropy_has_the_published_values()
    {
        // Two maps of logits, sigmoid and cross entropy, mean over each map, summed (PyTorch 1.13, float64).
        using var scope = NewDisposeScope();
        var first = Map(5, Math.Sin);
        var second = Map(3, Math.Cos);
        var loss = new AdversarialLoss(AdversarialForm.Bce);
        Assert.Equal(1.330560402311, (loss.Real(first).item<double>() / 25) + (loss.Real(second).item<double>() / 9), 1e-9);
        Assert.Equal(1.676283491880, (loss.Fake(first).item<double>() / 25) + (loss.Fake(second).item<double>() / 9), 1e-9);
        Assert.Equal(loss.Real(first).item<double>(), loss.Generator(first).item<double>());
        Assert.Equal(0.783818855903, loss.Undecided(tensor(new[] { 0.3, -1.2 })).item<double>() / 2, 1e-12);
    }

    [Fact]
    public void Least_squares_have_the_published_values()
    {
        using var scope = NewDisposeScope();
        var first = Map(5, Math.Sin);
        var second = Map(3, Math.Cos);
        var loss = new AdversarialLoss(AdversarialForm.LeastSquares);
        Assert.Equal(2.273693913903, (loss.Real(first).item<double>() / 25) + (loss.Real(second).item<double>() / 9), 1e-9);
        Assert.Equal(0.965140093041, (loss.Fake(first).item<double>() / 25) + (loss.Fake(second).item<double>() / 9), 1e-9);
        Tensor[] scales = [first.view(1, 1, 5, 5), second.view(1, 1, 3, 3)];
        Assert.Equal(2.273693913903, MultiScaleLoss.Sum(scales, loss.Generator).item<double>(), 1e-9);
        foreach (var x in Logits)
        {
            Check(loss.Real, x, (x - 1) * (x - 1), 2 * (x - 1));
            Check(loss.Fake, x, x * x, 2 * x);
            Check(loss.Generator, x, (x - 1) * (x - 1), 2 * (x - 1));
        }
    }

    [Fact]
    public void Binary_cross_entropy_and_its_slope_are_right_and_finite_for_every_logit()
    {
        var loss = new AdversarialLoss(AdversarialForm.Bce);
        foreach (var x in Logits)
        {
            Check(loss.Real, x, x < -700 ? -x : Math.Log(1 + Math.Exp(-x)), -1 / (1 + Math.Exp(x)));
            Check(loss.Fake, x, x > 700 ? x : Math.Log(1 + Math.Exp(x)), 1 / (1 + Math.Exp(-x)));
            Check(loss.Generator, x, x < -700 ? -x : Math.Log(1 + Math.Exp(-x)), -1 / (1 + Math.Exp(x)));
        }
    }

    [Fact]
    public void Hinge_and_its_slope_are_right()
    {
        var loss = new AdversarialLoss(AdversarialForm.Hinge);
        foreach (var x in Logits.Where(x => Math.Abs(x) != 1))
        {
            Check(loss.Real, x, Math.Max(0, 1 - x), x < 1 ? -1 : 0);
            Check(loss.Fake, x, Math.Max(0, 1 + x), x > -1 ? 1 : 0);
            Check(loss.Generator, x, -x, -1);
        }
    }

    [Fact]
    public void Sums_over_float32_logits_are_taken_in_float64()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(Enumerable.Repeat(0.1f, 1 << 20).ToArray()).clone();
        var expected = (1 << 20) * Math.Log(1 + Math.Exp(-(double)0.1f));
        Assert.Equal(expected, new AdversarialLoss(AdversarialForm.Bce).Real(logits).item<double>(), expected * 1e-12);
    }

    private static Tensor Map(int size, Func<double, double> f) =>
        tensor(Enumerable.Range(0, size * size).Select(i => f((0.4 * (i / size)) + (0.9 * (i % size)))).ToArray()).clone();

    private static void Check(Func<Tensor, Tensor> loss, double x, double value, double slope)
    {
        using var scope = NewDisposeScope();
        var leaf = tensor(new[] { x }).clone().requires_grad_();
        var computed = loss(leaf);
        Assert.Equal(value, computed.item<double>(), 1e-12 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(slope, autograd.grad([computed], [leaf])[0].item<double>(), 1e-12);
    }
}
