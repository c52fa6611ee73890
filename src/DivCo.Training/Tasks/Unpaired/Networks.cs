using DivCo.Training.Data;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The networks of the task with their tensors as they start.</summary>
internal sealed class Networks : IDisposable
{
    /// <param name="type">Of all tensors: float32 in training, float64 where arithmetic is checked.</param>
    /// <exception cref="TrainingConfigException">The data set's images do not have the model's size.</exception>
    public Networks(TrainingConfig config, Dataset dataset, ScalarType type)
    {
        Type = type;
        var model = config.Model;
        if (dataset.ImageSize != model.ImageSize || dataset.Channels != model.Channels)
        {
            throw new TrainingConfigException(
                $"trial.model: image_size {model.ImageSize} and channels {model.Channels} do not fit data set {dataset.Name}, "
                + $"opened with {dataset.ImageSize} and {dataset.Channels}; set both alike.");
        }

        ContentEncoder = new ContentEncoder(model);
        ContentDiscriminator = new ContentDiscriminator(ContentEncoder.Channels, ContentEncoder.Side);
        var encoded = config.Unpaired!.Reconstruction == Reconstruction.CrossCycle;
        Discriminators = new DomainDiscriminators(model, encoded);
        Contents = InitialWeights.Start(ContentEncoder.Parameters, config.Seed, type);
        Attributes = encoded ? InitialWeights.Start(new AttributeEncoder(model).Parameters, config.Seed, type) : null;
        Generator = InitialWeights.Start(new Generator(model).Parameters, config.Seed, type);
        Judges = InitialWeights.Start(Discriminators.Parameters, config.Seed, type);
        ContentJudge = encoded ? InitialWeights.Start(ContentDiscriminator.Parameters, config.Seed, type) : null;
    }

    public ScalarType Type { get; }

    public ContentEncoder ContentEncoder { get; }

    public ContentDiscriminator ContentDiscriminator { get; }

    public DomainDiscriminators Discriminators { get; }

    /// <summary>Tensors of the content encoder.</summary>
    public FlatTensors Contents { get; }

    /// <summary>Tensors of the attribute encoder, where there is one.</summary>
    public FlatTensors? Attributes { get; }

    public FlatTensors Generator { get; }

    /// <summary>Tensors of the image discriminators.</summary>
    public FlatTensors Judges { get; }

    /// <summary>Tensors of the content discriminator, where there is one.</summary>
    public FlatTensors? ContentJudge { get; }

    public IReadOnlyList<FlatTensors> State =>
        [.. new[] { Contents, Attributes, Generator, Judges, ContentJudge }.OfType<FlatTensors>()];

    public void Dispose()
    {
        foreach (var tensors in State)
        {
            tensors.Dispose();
        }
    }
}
