using DivCo.Cluster.Trials;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Tests.Sweeps;

/// <summary>Complete specs and records to decide on.</summary>
internal static class Specs
{
    public static SweepSpec Random(int maxTrials = 6, int maxConcurrent = 2, int maxFailed = 2) => SweepDefaults.Apply(new SweepSpec
    {
        Name = "plan",
        Seed = 7,
        Method = "random",
        Metric = new Metric { Name = "loss_g", Goal = "minimize" },
        Parameters =
        {
            ["tau"] = new ParameterSpec { Values = { Value.ForNumber(0.1), Value.ForNumber(1) } },
            ["lambda_contra"] = new ParameterSpec { Distribution = "log_uniform", Min = 0.1, Max = 10 },
        },
        Limits = new Limits { MaxTrials = maxTrials, MaxConcurrent = maxConcurrent, MaxFailed = maxFailed },
        Resources = new Resources { Workers = 1 },
        Trial = new TrialSpec
        {
            Task = "class_conditional",
            Dataset = new DatasetSpec { Name = "modes" },
            Steps = 100,
            Checkpoint = new CheckpointSpec { Every = 10, KeepLast = 2, KeepBest = 1 },
        },
    });

    public static CheckpointEntry Checkpoint(int step, double lossG, uint epoch = 1) => new(
        $"step-{step:000000}-e{epoch}", $"/results/step-{step:000000}-e{epoch}", "manifest", step, epoch,
        new Dictionary<string, double> { ["loss_g"] = lossG }, "weights", "state", DateTimeOffset.UnixEpoch);

    public static TrialReport Report(TrialPhase phase, int run = 1, params CheckpointEntry[] proposals) =>
        new(run, phase, "because", 1, proposals.LastOrDefault()?.Step ?? 0, [], [], proposals, 1);
}
