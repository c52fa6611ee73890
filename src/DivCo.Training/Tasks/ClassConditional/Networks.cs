using DivCo.Training.Data;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>Both networks of the task with their tensors as they start.</summary>
internal sealed class Networks : IDisposable
{
    /// <exception cref="TrainingConfigException">The data set's images do not have the model's size.</exception>
    public Networks(TrainingConfig config, DiversityTerms terms, LabelledImages dataset)
    {
        var model = config.Model;
        if (dataset.ImageSize != model.ImageSize || dataset.Channels != model.Channels)
        {
            throw new TrainingConfigException(
                $"trial.model: image_size {model.ImageSize} and channels {model.Channels} do not fit data set {dataset.Name}, "
                + $"opened with {dataset.ImageSize} and {dataset.Channels}; set both alike.");
        }

        Generator = new Generator(model, dataset.Classes);
        Discriminator = new Discriminator(model, dataset.Classes, config.EncoderHead);
        GeneratorParameters = Started(Generator.Parameters, config.Seed)!;
        GeneratorStatistics = Started(Generator.Statistics, config.Seed);
        DiscriminatorParameters = Started(Discriminator.Parameters, config.Seed)!;
        DiscriminatorStatistics = Started(Discriminator.Statistics, config.Seed);
        FrozenHead = Started(Discriminator.Frozen, config.Seed);
        LatentHead = terms.RegressesLatents ? Started(Discriminator.LatentHeadParameters, config.Seed) : null;
    }

    public Generator Generator { get; }

    public Discriminator Discriminator { get; }

    public FlatTensors GeneratorParameters { get; }

    public FlatTensors? GeneratorStatistics { get; }

    public FlatTensors DiscriminatorParameters { get; }

    public FlatTensors? DiscriminatorStatistics { get; }

    /// <summary>The frozen projection; null where features are the trunk itself.</summary>
    public FlatTensors? FrozenHead { get; }

    /// <summary>What finds latents again; null without latent regression.</summary>
    public FlatTensors? LatentHead { get; }

    public IReadOnlyList<FlatTensors> State =>
    [
        .. new[] { GeneratorParameters, GeneratorStatistics, DiscriminatorParameters, DiscriminatorStatistics, FrozenHead, LatentHead }.OfType<FlatTensors>(),
    ];

    public void Dispose()
    {
        foreach (var tensors in State)
        {
            tensors.Dispose();
        }
    }

    private static FlatTensors? Started(TensorLayout layout, ulong seed)
    {
        if (layout.Length == 0)
        {
            return null;
        }

        var tensors = new FlatTensors(layout);
        InitialWeights.Draw(tensors, seed);
        return tensors;
    }
}
