using DivCo.Training.Data;
using DivCo.Training.Tests.Data;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>Whole trainings of the unpaired task.</summary>
public sealed class UnpairedRunTests(ITestOutputHelper output)
{
    [Fact]
    public void A_stopped_training_goes_on_to_the_same_state()
    {
        var config = UnpairedTrials.Config(2, 2) with { Steps = 4 };
        using var whole = new TrainingFolder { Data = UnpairedTrials.Waves };
        whole.Run(config, 1);
        using var folder = new TrainingFolder { Data = UnpairedTrials.Waves };
        folder.Run(config with { Steps = 2 }, 1);
        folder.Run(config, 2, resumeFrom: folder.Written[^1].Path);
        Assert.Equal(whole.StateHash, folder.StateHash);
    }

    [Theory]
    [InlineData(Objective.DivCo, Reconstruction.CrossCycle)]
    [InlineData(Objective.ModeSeeking, Reconstruction.CrossCycle)]
    [InlineData(Objective.LatentRegression, Reconstruction.CrossCycle)]
    [InlineData(Objective.None, Reconstruction.CrossCycle)]
    [InlineData(Objective.DivCo, Reconstruction.Cycle)]
    public void On_sneakers_and_boots_images_are_found_again(Objective objective, Reconstruction reconstruction)
    {
        var shoes = DatasetCatalog.Open("sneakers-to-boots", Split.Train, 32, 1, DataRoot.OfFashionMnist());
        var trial = reconstruction == Reconstruction.Cycle ? UnpairedTrials.Cycle(objective: objective) : UnpairedTrials.Config(objective: objective);
        var config = trial with
        {
            Dataset = new DatasetConfig { Name = shoes.Name, Flip = true },
            Optimizer = trial.Optimizer with { LearningRate = 1e-3 },
            Steps = 25,
            CheckpointEvery = 25,
        };
        using var folder = new TrainingFolder { Data = shoes };
        folder.Run(config, 1);
        var first = folder.Reports.Take(5).Average(report => report.Metrics["loss_cycle"]);
        var last = folder.Reports.TakeLast(5).Average(report => report.Metrics["loss_cycle"]);
        output.WriteLine($"loss_cycle {first} to {last}");
        Assert.InRange(last, 0, 0.95 * first);
        Assert.All(folder.Reports, report => Assert.All(report.Metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key)));
        Assert.True(File.Exists(Path.Combine(folder.Samples, "step-000025.png")));
    }
}
