using System.Diagnostics;

namespace DivCo.Training.Tests;

public sealed class StepMetricsTests
{
    [Fact]
    public void The_pace_counts_the_time_of_steps_alone_and_begins_anew_after_a_report()
    {
        var metrics = new StepMetrics(batchSize: 32, new Dictionary<string, double>());
        Step(metrics, from: 10, to: 12);
        Step(metrics, from: 40, to: 42); // 28 s between them went into a checkpoint
        Assert.Equal(16, metrics.Latest["samples_per_s"], 1e-9);
        metrics.RestartPace();
        Step(metrics, from: 100, to: 101);
        Assert.Equal(32, metrics.Latest["samples_per_s"], 1e-9);
    }

    private static void Step(StepMetrics metrics, int from, int to)
    {
        metrics.BeginStep(from * Stopwatch.Frequency);
        metrics.EndStep(to * Stopwatch.Frequency);
    }
}
