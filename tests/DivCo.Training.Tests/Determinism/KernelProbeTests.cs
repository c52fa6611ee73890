using DivCo.Training.Determinism;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Determinism;

public sealed class KernelProbeTests
{
    private static readonly ProbeShape _shape = new(ImageSize: 16, Channels: 1, Width: 4, FeatureDim: 8, Rows: 4);

    [Fact]
    public void Every_kind_of_kernel_gives_one_result_on_this_machine()
    {
        var result = KernelProbe.Run(_shape, devices: 2, repetitions: 2, TestContext.Current.CancellationToken);

        Assert.All(result.Kernels, finding => Assert.True(finding.IsDeterministic, $"{finding.Kernel} differs: {string.Join(", ", finding.Differs)}"));
        Assert.Equal(TorchRuntime.HardwareClass, result.HardwareClass);
        foreach (var kind in (string[])
            ["convolution 16x16x1 to 8x8x4", "convolution 8x8x4 to 4x4x8", "transposed convolution", "gradient of the input", "gradient of the weights", "batch norm",
             "instance norm", "matrix product", "logsumexp", "sums", "Adam"])
        {
            Assert.Contains(result.Kernels, finding => finding.Kernel.Contains(kind, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_kernel_that_sums_in_another_order_each_time_is_named()
    {
        var runs = 0;
        var drifting = new ProbedKernel("drifting sum", inputs => [SumFrom(inputs.Next(1000), Interlocked.Increment(ref runs))]);
        var findings = KernelProbe.Compare([.. TrialKernels.Of(_shape), drifting], devices: 2, repetitions: 3, TestContext.Current.CancellationToken);

        var named = Assert.Single(findings, finding => !finding.IsDeterministic);
        Assert.Equal("drifting sum", named.Kernel);
        Assert.Contains(ProbeCondition.Repeated, named.Differs);
    }

    [Fact]
    public void A_kernel_with_a_buffer_that_all_devices_share_is_named_for_that()
    {
        // Two threads meet in it, and then it gives other bits; alone it never does.
        var inside = 0;
        using var both = new Barrier(2);
        var alone = true;
        var racing = new ProbedKernel("racing sum", inputs =>
        {
            Interlocked.Increment(ref inside);
            if (!alone)
            {
                both.SignalAndWait(TestContext.Current.CancellationToken);
            }

            var met = Volatile.Read(ref inside) > 1;
            if (!alone)
            {
                both.SignalAndWait(TestContext.Current.CancellationToken);
            }

            Interlocked.Decrement(ref inside);
            return [SumFrom(inputs.Next(1000), met ? 1 : 0)];
        });
        var last = new ProbedKernel("what follows it", inputs =>
        {
            alone = false;
            return [inputs.Next(1)];
        });

        var findings = KernelProbe.Compare([racing, last], devices: 2, repetitions: 2, TestContext.Current.CancellationToken);
        Assert.Equal([ProbeCondition.Concurrent], findings[0].Differs);
        Assert.False(findings[0].IsDeterministic);
        Assert.Empty(findings[1].Differs);
    }

    [Fact]
    public void What_depends_on_an_alignment_that_training_never_has_is_told_but_no_fault()
    {
        var kernel = new ProbedKernel("sum by vectors", inputs =>
        {
            var x = inputs.Next(1000);
            return [SumFrom(x, x.storage_offset() % 16 == 0 ? 0 : 7)];
        });
        var finding = KernelProbe.Compare([kernel], devices: 1, repetitions: 2, TestContext.Current.CancellationToken)[0];
        Assert.Equal([ProbeCondition.Misaligned], finding.Differs);
        Assert.True(finding.IsDeterministic);
    }

    [Fact]
    public void What_fails_on_a_device_is_thrown()
    {
        var broken = new ProbedKernel("broken", _ => throw new InvalidOperationException("no such kernel"));
        Assert.Equal(
            "no such kernel",
            Assert.Throws<InvalidOperationException>(() => KernelProbe.Compare([broken], 2, 1, TestContext.Current.CancellationToken)).Message);
    }

    /// <summary>A sum in float32 that begins somewhere and goes around: the order of additions decides the last bits.</summary>
    private static Tensor SumFrom(Tensor x, int start)
    {
        var values = TensorMemory.Floats(x.contiguous());
        var sum = 0f;
        for (var i = 0; i < values.Length; i++)
        {
            sum += values[(start + i) % values.Length];
        }

        return TensorMemory.Float32([sum], 1);
    }
}
