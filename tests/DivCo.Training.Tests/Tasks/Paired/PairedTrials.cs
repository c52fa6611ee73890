using DivCo.Training.Data;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>Trials of the paired task small enough for tests: 32 x 32 grey images, width 2.</summary>
internal static class PairedTrials
{
    public static ImagePairs Waves { get; } = new WavePairs(1, 1);

    public static TrainingConfig Config(int dataShards = 1, int negativeShards = 1) => TestTrials.Config(dataShards, negativeShards, Norm.Instance) with
    {
        Task = "paired",
        Dataset = new DatasetConfig { Name = "waves", Flip = true },
        Model = new ModelConfig { ImageSize = 32, Channels = 1, Width = 2, LatentDim = 4, FeatureDim = 16, Norm = Norm.Instance },
        Optimizer = new OptimizerConfig { LearningRate = 2e-4, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 0, Schedule = LearningRateSchedule.Constant },
        BatchSize = 4,
        Negatives = 4,
        Adversarial = AdversarialForm.LeastSquares,
        Paired = new PairedConfig { Architecture = PairedArchitecture.BicycleGan, Encoder = PairedEncoder.Generator, LambdaL1 = 10, LambdaKl = 0.01 },
    };

    public static TrainingConfig With(this TrainingConfig config, PairedEncoder encoder) => config with { Paired = config.Paired! with { Encoder = encoder } };

    public static TrainingConfig With(this TrainingConfig config, PairedArchitecture architecture) =>
        config with { Paired = config.Paired! with { Architecture = architecture } };
}
