using DivCo.Training.Data;
using DivCo.Training.Tests.Data;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>Whole trainings of the paired task.</summary>
public sealed class PairedRunTests(ITestOutputHelper output)
{
    private static readonly string[] _losses = ["loss_adv", "loss_d", "loss_g", "loss_l1"];

    public static TheoryData<string, PairedArchitecture> Trials => new()
    {
        { nameof(Terms.DivCo), PairedArchitecture.BicycleGan },
        { nameof(Terms.ModeSeeking), PairedArchitecture.BicycleGan },
        { nameof(Terms.LatentRegression), PairedArchitecture.BicycleGan },
        { nameof(Terms.None), PairedArchitecture.BicycleGan },
        { nameof(Terms.DivCo), PairedArchitecture.Pix2Pix },
    };

    [Theory]
    [MemberData(nameof(Trials))]
    public void The_state_is_bitwise_the_same_for_any_number_of_workers_and_at_the_memory_of_one_shard(string terms, PairedArchitecture architecture)
    {
        var config = PairedTrials.Config(2, 2).With(architecture).With(Terms.Named(terms)) with { Steps = 3 };
        var alone = Train(config, 1, ActivationMemory.AllShards);
        Assert.Equal(alone, Train(config, 3, ActivationMemory.AllShards));
        Assert.Equal(alone, Train(config, 1, ActivationMemory.OneShard));
        Assert.Equal(alone, Train(config, 3, ActivationMemory.OneShard));
    }

    [Fact]
    public void A_stopped_training_goes_on_to_the_same_state()
    {
        var config = PairedTrials.Config(2, 2) with { Steps = 4 };
        using var folder = new TrainingFolder { Data = PairedTrials.Waves };
        folder.Run(config with { Steps = 2 }, 1);
        folder.Run(config, 2, resumeFrom: folder.Written[^1].Path);
        Assert.Equal(Train(config, 1, ActivationMemory.AllShards), folder.StateHash);
    }

    [Theory]
    [MemberData(nameof(Trials))]
    public void On_edges_of_fashion_its_largest_term_falls(string terms, PairedArchitecture architecture)
    {
        var edges = DatasetCatalog.Open("edges-to-fashion", Split.Train, 32, 1, DataRoot.OfFashionMnist());
        var config = PairedTrials.Config().With(architecture).With(Terms.Named(terms)) with
        {
            Dataset = new DatasetConfig { Name = edges.Name, Flip = true },
            Model = PairedTrials.Config().Model with { Width = 8, LatentDim = 8 },
            Optimizer = PairedTrials.Config().Optimizer with { LearningRate = 1e-3 },
            Steps = 40,
            CheckpointEvery = 40,
        };
        using var folder = new TrainingFolder { Data = edges };
        folder.Run(config, 1);

        // At first images hardly differ, and mode seeking, one over their difference, outweighs all else.
        var largest = config.Objective == Objective.ModeSeeking ? "loss_ms" : "loss_l1";
        var first = folder.Reports.Take(5).Average(report => report.Metrics[largest]);
        var last = folder.Reports.TakeLast(5).Average(report => report.Metrics[largest]);
        output.WriteLine($"{largest} {first} to {last}");
        Assert.InRange(last, 0, 0.6 * first);
        Assert.All(folder.Reports, report => Assert.All(_losses, loss => Assert.True(double.IsFinite(report.Metrics[loss]))));
        Assert.True(folder.Written[^1].Manifest.Metrics["diversity"] >= 0);
    }

    private static string Train(TrainingConfig config, int workers, ActivationMemory memory)
    {
        using var folder = new TrainingFolder { Data = PairedTrials.Waves };
        folder.Run(config, workers, memory: memory);
        return folder.StateHash;
    }
}
