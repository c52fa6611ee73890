using System.Security.Cryptography;
using DivCo.Training.Bench;

namespace DivCo.Training.Tests.Bench;

public sealed class BareTrainingTests
{
    /// <summary>What the orchestrated training is measured by computes the very same.</summary>
    [Theory]
    [InlineData(1, 1, Norm.Batch)]
    [InlineData(4, 1, Norm.Batch)]
    [InlineData(1, 2, Norm.None)]
    [InlineData(2, 2, Norm.None)]
    public void The_bare_loop_comes_to_the_weights_of_the_training(int data, int negatives, Norm norm)
    {
        using var folder = new TrainingFolder();
        var config = TestTrials.Config(data, negatives, norm) with { Steps = 3, CheckpointEvery = 3 };
        folder.Run(config, 1);
        using var bare = new BareTraining(config, TestTrials.Modes);
        while (bare.Step < config.Steps)
        {
            bare.Train();
        }

        using var weights = new MemoryStream();
        bare.WriteWeights(weights);
        Assert.Equal(folder.Written[^1].Manifest.WeightsSha256, Convert.ToHexStringLower(SHA256.HashData(weights.ToArray())));
    }
}
