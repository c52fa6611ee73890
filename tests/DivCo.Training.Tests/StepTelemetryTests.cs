using System.Diagnostics.Metrics;

namespace DivCo.Training.Tests;

public sealed class StepTelemetryTests
{
    private static readonly string[] _phases = ["data", "compute", "exchange", "wait"];

    [Fact]
    public void The_phases_of_a_rank_add_up_to_its_steps_and_the_first_rank_counts_for_all()
    {
        string[] members = ["measured/cpu0", "measured/cpu1"];
        using var first = new Measurements(members[0]);
        using var second = new Measurements(members[1]);
        using var folder = new TrainingFolder();
        var config = TestTrials.Config(dataShards: 2) with { Steps = 3, ReportEvery = 1, CheckpointEvery = 3 };
        Ranks.Run(members, 1, _ => TestContext.Current.CancellationToken, communicator =>
        {
            using var replica = folder.Replica(config);
            return TrainingLoop.Run(folder.Rank(replica, communicator), default);
        });

        foreach (var rank in (Measurements[])[first, second])
        {
            var (steps, seconds) = rank.Of("divco.training.step.duration");
            Assert.Equal(3, steps);
            Assert.Equal(seconds, _phases.Sum(phase => rank.Of($"divco.training.step.phase {phase}").Sum), 1e-6);
            Assert.All(_phases, phase => Assert.True(rank.Of($"divco.training.step.phase {phase}").Sum > 0, phase));
        }

        Assert.Equal((3, 24), first.Of("divco.training.samples"));
        Assert.Equal((3, folder.Reports.Sum(report => report.Metrics["loss_d"])), first.Of("divco.training.loss loss_d"));
        Assert.Equal((1, folder.Written.Single().Manifest.Files.Values.Sum(file => file.Bytes)), first.Of("divco.checkpoint.size"));
        Assert.Equal((2, 0), first.Of("divco.training.running lead"));
        Assert.Equal((2, 0), second.Of("divco.training.running member"));
        Assert.DoesNotContain(second.Series, series => series.StartsWith("divco.training.loss", StringComparison.Ordinal) || series.StartsWith("divco.checkpoint", StringComparison.Ordinal));
    }

    [Fact]
    public void Measuring_a_step_allocates_nothing()
    {
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        listener.Start();
        using var folder = new TrainingFolder();
        var config = TestTrials.Config();
        Assert.Equal(0, Assert.Single(Ranks.Run(1, communicator =>
        {
            using var replica = folder.Replica(config);
            using var telemetry = new StepTelemetry(folder.Rank(replica, communicator), replica.State.Task, [], null);
            Measure(telemetry, 1);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Measure(telemetry, 1000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        })));

        static void Measure(StepTelemetry telemetry, int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                telemetry.BeginStep(step);
                telemetry.EndStep();
            }
        }
    }
}
