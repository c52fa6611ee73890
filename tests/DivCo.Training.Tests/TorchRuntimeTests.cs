using TorchSharp;

namespace DivCo.Training.Tests;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Torch_computes_on_one_thread()
    {
        Assert.Equal(3f, torch.ones(3).sum().item<float>());
        Assert.Equal(1, torch.get_num_threads());
    }

    [Fact]
    public void The_hardware_class_names_what_bits_depend_on()
    {
        Assert.Contains("libtorch 2.", TorchRuntime.HardwareClass, StringComparison.Ordinal);
        Assert.Contains("libc 2.", TorchRuntime.HardwareClass, StringComparison.Ordinal);
        Assert.Contains("avx2", TorchRuntime.HardwareClass, StringComparison.Ordinal);
    }

    // In deterministic mode, and only there, libtorch fills new memory with NaN.
    [Fact]
    public void Algorithms_are_deterministic()
    {
        using var values = torch.empty(1000);
        Assert.All(values.data<float>().ToArray(), value => Assert.True(float.IsNaN(value)));
    }
}
