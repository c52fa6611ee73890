using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// DRIT's image discriminators: one of each domain that judges images with a random latent, and where images are given the attributes of others
/// a second one for those.
/// </summary>
internal sealed class DomainDiscriminators
{
    private readonly ImageDiscriminator[] _random;
    private readonly ImageDiscriminator[] _encoded;

    public DomainDiscriminators(ModelConfig model, bool encoded)
    {
        _random = [new(model, "discriminator_a2"), new(model, "discriminator_b2")];
        _encoded = encoded ? [new(model, "discriminator_a"), new(model, "discriminator_b")] : [];
        Parameters = new TensorLayout(_encoded.Concat(_random).SelectMany(network => network.Parameters));
    }

    /// <summary>Of all.</summary>
    public TensorLayout Parameters { get; }

    /// <returns>Logits of each scale, [rows, 1, h, w].</returns>
    public IReadOnlyList<Tensor> OnEncoded(Domain domain, IReadOnlyDictionary<string, Tensor> parameters, Tensor images) =>
        _encoded[(int)domain].Forward(parameters, images);

    /// <returns>Logits of each scale, [rows, 1, h, w].</returns>
    public IReadOnlyList<Tensor> OnRandom(Domain domain, IReadOnlyDictionary<string, Tensor> parameters, Tensor images) =>
        _random[(int)domain].Forward(parameters, images);
}
