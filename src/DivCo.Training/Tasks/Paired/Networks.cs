using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>The networks of the task with their tensors as they start.</summary>
internal sealed class Networks : IDisposable
{
    public Networks(TrainingConfig config, int inputChannels)
    {
        var model = config.Model;
        Generator = new UNet(model, inputChannels);
        GeneratorParameters = InitialWeights.Start(Generator.Parameters, config.Seed, float32);
        if (config.Paired!.Architecture == PairedArchitecture.Pix2Pix)
        {
            Discriminator = new PatchDiscriminator(model, "discriminator", inputChannels + model.Channels);
            DiscriminatorParameters = InitialWeights.Start(Discriminator.Parameters, config.Seed, float32);
        }
        else
        {
            Discriminator = new PatchDiscriminator(model, "discriminator", model.Channels);
            DiscriminatorParameters = InitialWeights.Start(Discriminator.Parameters, config.Seed, float32);
            RandomDiscriminator = new PatchDiscriminator(model, "discriminator2", model.Channels);
            RandomDiscriminatorParameters = InitialWeights.Start(RandomDiscriminator.Parameters, config.Seed, float32);
            Encoder = new ResNetEncoder(model);
            EncoderParameters = InitialWeights.Start(Encoder.Parameters, config.Seed, float32);
        }
    }

    public UNet Generator { get; }

    public FlatTensors GeneratorParameters { get; }

    /// <summary>D: of images with encoded latents; in pix2pix the only one, of conditions with their images.</summary>
    public PatchDiscriminator Discriminator { get; }

    public FlatTensors DiscriminatorParameters { get; }

    /// <summary>D2: of images with random latents; null in pix2pix.</summary>
    public PatchDiscriminator? RandomDiscriminator { get; }

    public FlatTensors? RandomDiscriminatorParameters { get; }

    /// <summary>E; null in pix2pix.</summary>
    public ResNetEncoder? Encoder { get; }

    public FlatTensors? EncoderParameters { get; }

    /// <summary>All of it is trained: instance norm keeps no statistics.</summary>
    public IReadOnlyList<FlatTensors> State =>
    [
        .. new[] { GeneratorParameters, EncoderParameters, DiscriminatorParameters, RandomDiscriminatorParameters }.OfType<FlatTensors>(),
    ];

    public void Dispose()
    {
        foreach (var tensors in State)
        {
            tensors.Dispose();
        }
    }
}
