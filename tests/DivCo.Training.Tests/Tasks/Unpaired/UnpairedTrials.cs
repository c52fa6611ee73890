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
            LambdaMs = objective == Objective.ModeSeeking ? 0.5 : 0,
            LambdaZ = objective == Objective.LatentRegression ? 3 : 0,
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

    public static TrainingConfig Cycle(int dataShards = 1, int negativeShards = 1, Objective objective = Objective.DivCo)
    {
        var config = Config(dataShards, negativeShards, objective);
        return config with { Unpaired = config.Unpaired! with { Reconstruction = Reconstruction.Cycle, ContentUpdates = 0, LambdaKl = 0 } };
    }
}
