using DivCo.Training.Data;

namespace DivCo.Training.Tests;

/// <summary>Trials small enough for tests: 32 x 32 grey images, width 4.</summary>
internal static class TestTrials
{
    private static readonly Lazy<LabelledImages> Opened = new(() => DivCo.Training.Data.Modes.Create(32, 1));

    public static LabelledImages Modes => Opened.Value;

    public static TrainingConfig Config(int dataShards = 1, int negativeShards = 1, Norm norm = Norm.Batch) => new()
    {
        Task = "class_conditional",
        Objective = Objective.DivCo,
        Dataset = new DatasetConfig { Name = "modes", Flip = false },
        Model = new ModelConfig { ImageSize = 32, Channels = 1, Width = 4, LatentDim = 10, FeatureDim = 16, Norm = norm },
        Optimizer = new OptimizerConfig { LearningRate = 2e-4, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 1e-4, Schedule = LearningRateSchedule.Constant },
        BatchSize = 8,
        Negatives = 10,
        Steps = 4,
        DataShards = dataShards,
        NegativeShards = negativeShards,
        CheckpointEvery = 2,
        ReportEvery = 1,
        Seed = 1234,
        LambdaContra = 0.7,
        LambdaMs = 0,
        LambdaZ = 0,
        ExtraCode = false,
        Tau = 0.5,
        Radius = 0.3,
        FeatureNorm = true,
        ContrastiveReduction = Reduction.Mean,
        EncoderHead = EncoderHead.Projection,
        Adversarial = AdversarialForm.Bce,
    };

    /// <summary>A trial with other terms in the generator's loss.</summary>
    public static TrainingConfig With(this TrainingConfig config, Terms terms) => config with
    {
        Objective = terms.Objective,
        LambdaContra = terms.Contra,
        LambdaMs = terms.Ms,
        LambdaZ = terms.Z,
        ExtraCode = terms.ExtraCode,
    };
}
