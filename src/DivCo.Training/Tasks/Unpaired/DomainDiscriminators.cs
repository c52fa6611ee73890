using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's image discriminators: two of each domain. One judges images with the attribute of a real image, the other those with a random
/// latent; the real images they see are different ones.
/// </summary>
internal sealed class DomainDiscriminators
{
    private readonly ImageDiscriminator[] _encoded;
    private readonly ImageDiscriminator[] _random;

    public DomainDiscriminators(ModelConfig model)
    {
        _encoded = [new(model, "discriminator_a"), new(model, "discriminator_b")];
        _random = [new(model, "discriminator_a2"), new(model, "discriminator_b2")];
        Parameters = new TensorLayout(_encoded.Concat(_random).SelectMany(network => network.Parameters));
    }

    /// <summary>Of all four.</summary>
    public TensorLayout Parameters { get; }

    /// <returns>Logits of each scale, [rows, 1, h, w].</returns>
    public IReadOnlyList<Tensor> OnEncoded(Domain domain, IReadOnlyDictionary<string, Tensor> parameters, Tensor images) =>
        _encoded[(int)domain].Forward(parameters, images);

    /// <returns>Logits of each scale, [rows, 1, h, w].</returns>
    public IReadOnlyList<Tensor> OnRandom(Domain domain, IReadOnlyDictionary<string, Tensor> parameters, Tensor images) =>
        _random[(int)domain].Forward(parameters, images);
}
