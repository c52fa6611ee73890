using TorchSharp;

namespace DivCo.Training.Tests;

public sealed class TorchLoads
{
    [Fact]
    public void Torch_computes() => Assert.Equal(3f, torch.ones(3).sum().item<float>());
}
