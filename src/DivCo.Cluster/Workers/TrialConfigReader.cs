using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Workers;

/// <summary>Spec to config: the one translation between the wire and the trainer. Rules and defaults were applied at Submit; what the trial has no use for is absent.</summary>
internal static class TrialConfigReader
{
    private static readonly string[] _ofEveryTrial = ["objective", "adversarial", "model.architecture", "reconstruction"];

    public static TrainingConfig Read(TrialSpec trial) => new()
    {
        Task = trial.Task,
        Objective = Choice("objective", trial.Objective, ("divco", Objective.DivCo), ("mode_seeking", Objective.ModeSeeking), ("latent_regression", Objective.LatentRegression), ("none", Objective.None)),
        Dataset = new DatasetConfig
        {
            Name = trial.Dataset.Name,
            Path = trial.Dataset.HasPath ? trial.Dataset.Path : null,
            LoadSize = trial.Dataset.HasLoadSize ? trial.Dataset.LoadSize : null,
            Flip = trial.Dataset.Flip, // absent: the set is never mirrored
        },
        Model = new ModelConfig
        {
            ImageSize = trial.Model.ImageSize,
            Channels = trial.Model.Channels,
            Width = trial.Model.Width,
            LatentDim = trial.Model.LatentDim,
            FeatureDim = trial.Model.FeatureDim,
            Norm = Choice("model.norm", trial.Model.Norm, ("none", Norm.None), ("batch", Norm.Batch), ("instance", Norm.Instance)),
        },
        Optimizer = new OptimizerConfig
        {
            LearningRate = trial.Optimizer.Lr,
            Beta1 = trial.Optimizer.Beta1,
            Beta2 = trial.Optimizer.Beta2,
            WeightDecay = trial.Optimizer.WeightDecay,
            Schedule = trial.Optimizer.Schedule switch
            {
                "linear" => LearningRateSchedule.Linear(trial.Optimizer.DecayFrom, trial.Steps),
                "constant" or "" => LearningRateSchedule.Constant,
                var other => throw Unknown("trial.optimizer.schedule", other),
            },
        },
        BatchSize = trial.BatchSize,
        Negatives = trial.Negatives,
        Steps = trial.Steps,
        DataShards = trial.Shards.Data,
        NegativeShards = trial.Shards.HasNegatives ? trial.Shards.Negatives : 1,
        CheckpointEvery = trial.Checkpoint.Every,
        ReportEvery = trial.ReportEvery,
        Seed = trial.Seed,
        LambdaContra = trial.LambdaContra,
        LambdaMs = trial.LambdaMs,
        LambdaZ = trial.LambdaZ,
        ExtraCode = trial.ExtraCode,
        Tau = trial.Tau,
        Radius = trial.Radius,
        FeatureNorm = trial.FeatureNorm,
        ContrastiveReduction = Choice("contrastive_reduction", trial.ContrastiveReduction, ("mean", Reduction.Mean), ("sum", Reduction.Sum)),
        EncoderHead = Choice("encoder_head", trial.EncoderHead, ("none", EncoderHead.None), ("projection", EncoderHead.Projection)),
        Adversarial = Choice("adversarial", trial.Adversarial, ("bce", AdversarialForm.Bce), ("hinge", AdversarialForm.Hinge), ("lsgan", AdversarialForm.LeastSquares)),
        Paired = trial.Task == "paired" ? ReadPaired(trial) : null,
        Unpaired = trial.Task == "unpaired" ? ReadUnpaired(trial) : null,
    };

    /// <summary>How the trial judges itself; null: not at all.</summary>
    /// <param name="test">The test split of its data set.</param>
    /// <param name="cacheFolder">Where classifiers are kept.</param>
    public static TrialEvaluation? ReadEvaluation(TrialSpec trial, Func<Dataset> test, string cacheFolder) => trial.Evaluation is { } evaluation
        ? new TrialEvaluation(
            evaluation.Every, evaluation.ImagesPerStep, new EvaluationSettings { Samples = evaluation.Samples }, test(), cacheFolder)
        : null;

    public static ActivationMemory ReadActivationMemory(string activationMemory) => activationMemory switch
    {
        SweepSpecRules.AllShards => ActivationMemory.AllShards,
        SweepSpecRules.OneShard => ActivationMemory.OneShard,
        var other => throw Unknown("resources.activation_memory", other),
    };

    private static PairedConfig ReadPaired(TrialSpec trial) => new()
    {
        Architecture = Choice("model.architecture", trial.Model.Architecture, ("bicycle_gan", PairedArchitecture.BicycleGan), ("pix2pix", PairedArchitecture.Pix2Pix)),
        Encoder = Choice("encoder", trial.Encoder, ("generator", PairedEncoder.Generator), ("vae", PairedEncoder.Vae)),
        LambdaL1 = trial.LambdaL1,
        LambdaKl = trial.LambdaKl,
    };

    private static UnpairedConfig ReadUnpaired(TrialSpec trial) => new()
    {
        Reconstruction = Choice("reconstruction", trial.Reconstruction, ("cross_cycle", Reconstruction.CrossCycle), ("cycle", Reconstruction.Cycle)),
        Encoder = Choice("encoder", trial.Encoder, ("content", UnpairedEncoder.Content), ("attribute", UnpairedEncoder.Attribute)),
        ContentUpdates = trial.ContentUpdates,
        LambdaL1 = trial.LambdaL1,
        LambdaKl = trial.LambdaKl,
    };

    /// <summary>A name's value. A field that the trial has no use for is absent, and whatever stands for it is never looked at.</summary>
    private static T Choice<T>(string field, string name, params ReadOnlySpan<(string Name, T Value)> known)
    {
        foreach (var choice in known)
        {
            if (choice.Name == name || (name.Length == 0 && !_ofEveryTrial.Contains(field)))
            {
                return choice.Value;
            }
        }

        throw Unknown($"trial.{field}", name);
    }

    private static InvalidOperationException Unknown(string field, string value) =>
        new($"{field}: '{value}' is not known to this server; another version of it accepted the sweep");
}
