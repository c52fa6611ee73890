using DivCo.Training.Data;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>Both networks of the task with their tensors as they start.</summary>
internal sealed class Networks : IDisposable
{
    /// <param name="type">Of all tensors: float32 in training, float64 where arithmetic is checked.</param>
    /// <exception cref="TrainingConfigException">The data set's images do not have the model's size.</exception>
    public Networks(TrainingConfig config, DiversityTerms terms, LabelledImages dataset, ScalarType type)
    {
        Type = type;
        var model = config.Model;
        if (dataset.ImageSize != model.ImageSize || dataset.Channels != model.Channels)
        {
            throw new TrainingConfigException(
                $"trial.model: image_size {model.ImageSize} and channels {model.Channels} do not fit data set {dataset.Name}, "
                + $"opened with {dataset.ImageSize} and {dataset.Channels}; set both alike.");
        }

        Generator = new Generator(model, dataset.Classes);
        Discriminator = new Discriminator(model, dataset.Classes, config.EncoderHead);
        GeneratorParameters = Started(Generator.Parameters, config)!;
        GeneratorStatistics = Started(Generator.Statistics, config);
        DiscriminatorParameters = Started(Discriminator.Parameters, config)!;
        DiscriminatorStatistics = Started(Discriminator.Statistics, config);
        FrozenHead = Started(Discriminator.Frozen, config);
        LatentHead = terms.RegressesLatents ? Started(Discriminator.LatentHeadParameters, config) : null;
    }

    public ScalarType Type { get; }

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

    private FlatTensors? Started(TensorLayout layout, TrainingConfig config) => layout.Length == 0 ? null : InitialWeights.Start(layout, config.Seed, Type);
}
