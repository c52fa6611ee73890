using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Objectives;

public sealed class ReconstructionLossTests
{
    [Fact]
    public void Distance_and_divergence_have_the_values_of_the_released_code()
    {
        // PyTorch 1.13, float64; 2 rows of 8.
        using var scope = NewDisposeScope();
        var mean = Rows((i, j) => Math.Sin(1 + i + (0.5 * j)));
        var logVariance = Rows((i, j) => 0.5 * Math.Cos(1 + i + (0.5 * j)));
        var latent = Rows((i, j) => Math.Sin((0.9 * i) + (1.1 * j)));
        Assert.Equal(0.048205483317, 0.01 * GaussianPrior.Divergence(mean, logVariance).item<double>(), 1e-12);
        Assert.Equal(0.005520582358, 0.01 * GaussianPrior.SquaredNorm(mean).item<double>() / 16, 1e-12);
        Assert.Equal(7.406145310864, 10 * ReconstructionLoss.Sum(mean, latent).item<double>() / 16, 1e-11);
        Assert.Equal(0.370307265543, 0.5 * ReconstructionLoss.Sum(mean, latent).item<double>() / 16, 1e-12);

        static Tensor Rows(Func<int, int, double> value) => tensor([.. Enumerable.Range(0, 16).Select(i => value(i / 8, i % 8))], [2, 8]);
    }

    [Fact]
    public void The_divergence_is_0_and_flat_at_the_prior_and_grows_away_from_it()
    {
        using var scope = NewDisposeScope();
        var mean = zeros([3, 2], float64, requires_grad: true);
        var logVariance = zeros([3, 2], float64, requires_grad: true);
        var divergence = GaussianPrior.Divergence(mean, logVariance);
        Assert.Equal(0, divergence.item<double>());
        Assert.All(autograd.grad([divergence], [mean, logVariance]), gradient => Assert.All(gradient.data<double>(), x => Assert.Equal(0, x)));
        Assert.Equal(6 * 0.5, GaussianPrior.Divergence(ones([3, 2]), zeros([3, 2])).item<double>(), 1e-12);
    }
}
