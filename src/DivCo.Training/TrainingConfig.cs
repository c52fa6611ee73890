using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>
/// Everything that decides the weights of a trial, resolved: no value is optional here, because defaults are applied once, when a sweep
/// is submitted. Ranges were checked there too.
/// </summary>
public sealed record TrainingConfig
{
    /// <summary>A name of the task catalogue, for example <c>class_conditional</c>.</summary>
    public required string Task { get; init; }

    public required Objective Objective { get; init; }

    public required DatasetConfig Dataset { get; init; }

    public required ModelConfig Model { get; init; }

    public required OptimizerConfig Optimizer { get; init; }

    /// <summary>Conditions of one step, over all shards.</summary>
    public required int BatchSize { get; init; }

    /// <summary>N: negative latents of each query.</summary>
    public required int Negatives { get; init; }

    public required int Steps { get; init; }

    /// <summary>V: slices of the batch. Divides <see cref="BatchSize"/>.</summary>
    public required int DataShards { get; init; }

    /// <summary>K: parts of the negatives of a slice. Divides <see cref="Negatives"/>.</summary>
    public required int NegativeShards { get; init; }

    /// <summary>Steps between checkpoints; the last step always has one.</summary>
    public required int CheckpointEvery { get; init; }

    /// <summary>Steps between reports.</summary>
    public required int ReportEvery { get; init; }

    /// <summary>Seed of every random stream of the trial, initial weights included.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Weight of the contrastive term in the generator's loss.</summary>
    public required double LambdaContra { get; init; }

    /// <summary>Weight of the mode-seeking term.</summary>
    public required double LambdaMs { get; init; }

    /// <summary>Weight of the latent regression.</summary>
    public required double LambdaZ { get; init; }

    /// <summary>Whether beside the contrastive term's query a further random code of each sample is generated and judged.</summary>
    public required bool ExtraCode { get; init; }

    /// <summary>Temperature of the contrastive term.</summary>
    public required double Tau { get; init; }

    /// <summary>R: positives lie within it of their query, negatives outside it, in every element of the latent.</summary>
    public required double Radius { get; init; }

    /// <summary>Whether features are divided by their L2 norm.</summary>
    public required bool FeatureNorm { get; init; }

    public required Reduction ContrastiveReduction { get; init; }

    public required EncoderHead EncoderHead { get; init; }

    public required AdversarialForm Adversarial { get; init; }

    /// <summary>Of the paired task; null with others.</summary>
    public PairedConfig? Paired { get; init; }

    /// <summary>Of the unpaired task; null with others.</summary>
    public UnpairedConfig? Unpaired { get; init; }

    /// <summary>Each step has as many, whatever the workers: it is the task that says.</summary>
    public int UpdatesPerStep => TaskCatalog.UpdatesPerStep(this);
}

/// <summary>What only the paired task has.</summary>
public sealed record PairedConfig
{
    public required PairedArchitecture Architecture { get; init; }

    /// <summary>What the features of the contrastive term are.</summary>
    public required PairedEncoder Encoder { get; init; }

    /// <summary>Weight of the mean absolute distance between an image and its target.</summary>
    public required double LambdaL1 { get; init; }

    /// <summary>Weight of the divergence of encoded latents from N(0, I), a sum over the batch.</summary>
    public required double LambdaKl { get; init; }
}

/// <summary>What only the unpaired task has.</summary>
public sealed record UnpairedConfig
{
    public required Reconstruction Reconstruction { get; init; }

    /// <summary>What the features of the contrastive term are.</summary>
    public required UnpairedEncoder Encoder { get; init; }

    /// <summary>
    /// Updates of the content discriminator in a step; 0 where there is none. The last is on the step's batch; those before it are on batches of
    /// their own.
    /// </summary>
    public required int ContentUpdates { get; init; }

    /// <summary>Weight of the mean absolute distance between an image and what is found again of it.</summary>
    public required double LambdaL1 { get; init; }

    /// <summary>Weight of the attributes' divergence from N(0, I), a sum over the batch, and of the contents' mean square.</summary>
    public required double LambdaKl { get; init; }
}

public sealed record DatasetConfig
{
    /// <summary>A name of the data set catalogue, for example <c>fashion-mnist</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of an <c>image-folder</c>, absolute or below the data root; null for the other sets.</summary>
    public string? Path { get; init; }

    /// <summary>Height and width to which images of a folder are resized before they are cropped to the model's; null: the model's.</summary>
    public int? LoadSize { get; init; }

    /// <summary>Whether training images are mirrored, each with probability 1/2.</summary>
    public required bool Flip { get; init; }
}

public sealed record ModelConfig
{
    /// <summary>Height and width of an image: 32, 64, 128 or 256.</summary>
    public required int ImageSize { get; init; }

    public required int Channels { get; init; }

    /// <summary>Feature maps of the layer at the image's side; layers further in have a multiple of it.</summary>
    public required int Width { get; init; }

    public required int LatentDim { get; init; }

    /// <summary>Outputs of the frozen projection head, where there is one.</summary>
    public required int FeatureDim { get; init; }

    public required Norm Norm { get; init; }
}

/// <summary>Adam (Kingma and Ba, 2015) with weight decay added to the gradient (L2, coupled).</summary>
public sealed record OptimizerConfig
{
    public required double LearningRate { get; init; }

    public required double Beta1 { get; init; }

    public required double Beta2 { get; init; }

    public required double WeightDecay { get; init; }

    public required LearningRateSchedule Schedule { get; init; }
}
