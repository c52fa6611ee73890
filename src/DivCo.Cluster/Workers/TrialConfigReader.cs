using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Workers;

/// <summary>Spec to config: the one translation between the wire and the trainer. Rules and defaults were applied at Submit; what the trial has no use for is absent.</summary>
internal static class TrialConfigReader
{
    public static TrainingConfig Read(TrialSpec trial) => new()
    {
        Task = trial.Task,
        Objective = trial.Objective switch
        {
            "divco" => Objective.DivCo,
            "mode_seeking" => Objective.ModeSeeking,
            "latent_regression" => Objective.LatentRegression,
            "none" => Objective.None,
            var other => throw Unknown("trial.objective", other),
        },
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
            Norm = trial.Model.Norm switch
            {
                "batch" => Norm.Batch,
                "instance" => Norm.Instance,
                "none" or "" => Norm.None,
                var other => throw Unknown("trial.model.norm", other),
            },
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
        ContrastiveReduction = trial.ContrastiveReduction switch
        {
            "mean" or "" => Reduction.Mean,
            "sum" => Reduction.Sum,
            var other => throw Unknown("trial.contrastive_reduction", other),
        },
        EncoderHead = trial.EncoderHead switch
        {
            "projection" => EncoderHead.Projection,
            "none" or "" => EncoderHead.None,
            var other => throw Unknown("trial.encoder_head", other),
        },
        Adversarial = trial.Adversarial switch
        {
            "bce" => AdversarialForm.Bce,
            "hinge" => AdversarialForm.Hinge,
            "lsgan" => AdversarialForm.LeastSquares,
            var other => throw Unknown("trial.adversarial", other),
        },
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
        Architecture = trial.Model.Architecture switch
        {
            "bicycle_gan" => PairedArchitecture.BicycleGan,
            "pix2pix" => PairedArchitecture.Pix2Pix,
            var other => throw Unknown("trial.model.architecture", other),
        },
        Encoder = trial.Encoder switch
        {
            "generator" or "" => PairedEncoder.Generator,
            "vae" => PairedEncoder.Vae,
            var other => throw Unknown("trial.encoder", other),
        },
        LambdaL1 = trial.LambdaL1,
        LambdaKl = trial.LambdaKl,
    };

    private static UnpairedConfig ReadUnpaired(TrialSpec trial) => new()
    {
        Reconstruction = trial.Reconstruction switch
        {
            "cross_cycle" => Reconstruction.CrossCycle,
            "cycle" => Reconstruction.Cycle,
            var other => throw Unknown("trial.reconstruction", other),
        },
        Encoder = trial.Encoder switch
        {
            "content" or "" => UnpairedEncoder.Content,
            "attribute" => UnpairedEncoder.Attribute,
            var other => throw Unknown("trial.encoder", other),
        },
        ContentUpdates = trial.ContentUpdates,
        LambdaL1 = trial.LambdaL1,
        LambdaKl = trial.LambdaKl,
    };

    private static InvalidOperationException Unknown(string field, string value) =>
        new($"{field}: '{value}' is not known to this server; another version of it accepted the sweep");
}
