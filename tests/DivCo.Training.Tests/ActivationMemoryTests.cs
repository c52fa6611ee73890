using System.Diagnostics;
using System.Globalization;

namespace DivCo.Training.Tests;

/// <summary>What a step with many negatives needs at its peak, measured by the kernel in a process of its own for each choice.</summary>
public sealed class ActivationMemoryTests(ITestOutputHelper output)
{
    private const string Variable = "DIVCO_TEST_ACTIVATION_MEMORY";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_step_of_64_negatives_in_8_shards_needs_far_less_and_gives_the_same_bits()
    {
        var all = await Measure(ActivationMemory.AllShards);
        var one = await Measure(ActivationMemory.OneShard);
        output.WriteLine($"all shards: {all}");
        output.WriteLine($"one shard:  {one}");
        Assert.Equal(all.StateHash, one.StateHash);

        // One shard has 10 of the 66 images of a query; the rest is gradients, moments and the workspace of kernels.
        Assert.InRange(one.GrowthMiB, 1, all.GrowthMiB / 2.5);
        Assert.True(one.PeakMiB < all.PeakMiB);
    }

    [Fact(Explicit = true)]
    public void Makes_one_step()
    {
        var memory = Enum.Parse<ActivationMemory>(Environment.GetEnvironmentVariable(Variable)!);
        var small = TestTrials.Config(1, 8, Norm.Instance) with { Negatives = 8, Steps = 1 };
        using (var warm = new TrainingFolder())
        {
            warm.Run(small, 1, memory: memory);
        }

        var before = Status("VmRSS");
        using var folder = new TrainingFolder();
        var config = small with { BatchSize = 16, Negatives = 64, Model = small.Model with { Width = 32 } };
        using var replica = folder.Replica(config);
        var peak = 0.0;
        _ = Ranks.Run(1, communicator => TrainingLoop.Run(
            folder.Rank(replica, communicator) with { ActivationMemory = memory, Report = _ => peak = Status("VmHWM") }, default));
        using var stdout = new StreamWriter(Console.OpenStandardOutput());
        stdout.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nmeasured {before} {peak} {folder.StateHash}"));
    }

    private static async Task<Measured> Measure(ActivationMemory memory)
    {
        string executable = Path.Combine(AppContext.BaseDirectory, "DivCo.Training.Tests");
        string[] arguments = ["-method", $"{typeof(ActivationMemoryTests).FullName}.{nameof(Makes_one_step)}", "-explicit", "only"];
        using var process = Process.Start(
            new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, Environment = { [Variable] = $"{memory}" } })!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(_patience);
        try
        {
            var lines = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            return lines.Split('\n').Select(line => line.Split(' ')).Where(line => line is ["measured", _, _, _])
                .Select(line => new Measured(Number(line[1]), Number(line[2]), line[3])).SingleOrDefault()
                ?? throw new InvalidOperationException($"the measuring process gave no result:\n{lines}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>A line of the kernel's account of this process, in MiB.</summary>
    private static double Status(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <param name="BeforeMiB">Resident before the step, with libtorch and the runtime loaded.</param>
    /// <param name="PeakMiB">The most that was ever resident.</param>
    private sealed record Measured(double BeforeMiB, double PeakMiB, string StateHash)
    {
        public double GrowthMiB => PeakMiB - BeforeMiB;
    }
}
