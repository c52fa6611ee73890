namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>Trials small enough for tests: 32 x 32 grey images, width 4.</summary>
internal static class UnpairedTrials
{
    public static WaveDomains Waves { get; } = new();

    public static TrainingConfig Config(int dataShards = 1, int negativeShards = 1, Objective objective = Objective.DivCo) =>
        TestTrials.Config(dataShards, negativeShards) with
        {
            Task = "unpaired",
            Objective = objective,
            Model = new ModelConfig { ImageSize = 32, Channels = 1, Width = 4, LatentDim = 3, FeatureDim = 0, Norm = Norm.Instance },
            BatchSize = 4,
            Negatives = 4,
            Unpaired = new UnpairedConfig
            {
                Reconstruction = Reconstruction.CrossCycle,
                Encoder = UnpairedEncoder.Content,
                ContentUpdates = 2,
                LambdaL1 = 10,
                LambdaKl = 0.01,
            },
        };
}
