using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Objectives;

public sealed class ModeSeekingLossTests
{
    /// <summary>PyTorch 1.13, float64.</summary>
    [Fact]
    public void The_loss_and_its_gradient_have_the_values_of_the_released_code()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Images(0), Images(0.4).requires_grad_());
        var statistics = ModeSeekingLoss.Statistics(first, second, Latents(Math.Sin), Latents(Math.Cos));
        var values = statistics.data<double>().ToArray();
        Assert.Equal(0.168401802079, values[0] / values[1], 1e-12);
        Assert.Equal(0.898328687780, values[2] / values[3], 1e-12);
        Assert.Equal((96.0, 16.0), (values[1], values[3]));
        var loss = ModeSeekingLoss.Of(statistics);
        Assert.Equal(5.334151763683, loss.item<double>(), 1e-9);
        Assert.Equal(3.232658665347, Norm(autograd.grad([loss], [second])[0]), 1e-9);
    }

    [Fact]
    public void Shards_give_the_ratio_of_the_whole_batch_and_not_the_mean_of_their_own()
    {
        using var scope = NewDisposeScope();
        var (first, second, z1, z2) = (Images(0), Images(0.4).requires_grad_(), Latents(Math.Sin), Latents(Math.Cos));
        Tensor[] shards = [.. Enumerable.Range(0, 2).Select(i => ModeSeekingLoss.Statistics(Row(first, i), Row(second, i), Row(z1, i), Row(z2, i)))];
        var sum = stack([.. shards.Select(shard => shard.detach())]).sum(dim: 0).requires_grad_();
        var loss = ModeSeekingLoss.Of(sum);
        Assert.Equal(5.334151763683, loss.item<double>(), 1e-9);
        var ofSum = autograd.grad([loss], [sum])[0];
        var parts = shards.Select(shard => autograd.grad([shard], [second], [ofSum])[0]).ToArray();
        Assert.Equal(3.232658665347, Norm(stack(parts).sum(dim: 0)), 1e-9);

        static Tensor Row(Tensor rows, int i) => rows.narrow(0, i, 1);
    }

    private static double Norm(Tensor tensor) => Math.Sqrt(tensor.contiguous().data<double>().ToArray().Sum(x => x * x));

    private static Tensor Images(double shift) => tensor(
        [.. from b in Range(2) from c in Range(3) from h in Range(4) from w in Range(4) select Math.Sin((0.3 * b) + (0.5 * c) + (0.2 * h) + (0.1 * w) + shift)],
        [2, 3, 4, 4]).clone();

    private static Tensor Latents(Func<double, double> f) =>
        tensor([.. from i in Range(2) from j in Range(8) select f((0.9 * i) + (1.1 * j))], [2, 8]).clone();

    private static IEnumerable<int> Range(int count) => Enumerable.Range(0, count);
}
