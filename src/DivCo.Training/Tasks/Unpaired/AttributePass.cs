using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// The first pass of DRIT's step for the samples of a slice: images of both domains are taken apart into content and attribute, put together
/// across the domains, and back again. The discriminators' updates and that of encoders and generator use the same one.
/// </summary>
internal sealed class AttributePass : IDisposable
{
    private static readonly Domain[] _both = [Domain.A, Domain.B];

    private readonly Networks _networks;
    private readonly StepInputs _inputs;
    private readonly int _slice;
    private readonly DomainImages[] _domains;

    public AttributePass(Networks networks, StepInputs inputs, ShardCodes codes, int shard)
    {
        using var scope = NewDisposeScope();
        (_networks, _inputs, _slice) = (networks, inputs, inputs.SliceOf(shard));
        var latents = codes.Random(inputs.Step, shard);
        var reals = Array.ConvertAll(_both, domain => inputs.Images(domain, _slice));
        var own = Array.ConvertAll(_both, domain => Take(domain, reals[(int)domain], call: 0));
        var made = Array.ConvertAll(_both, domain => Put(domain, own[(int)domain], own[(int)Translation.Other(domain)].Content, latents));
        var again = Array.ConvertAll(_both, domain => Take(domain, made[(int)domain].Translated, call: 1));
        _domains = Array.ConvertAll(_both, domain =>
        {
            var (i, content) = ((int)domain, again[(int)Translation.Other(domain)].Content);
            return new DomainImages(
                reals[i],
                own[i].Content,
                own[i].Mean,
                own[i].LogVariance,
                made[i].Translated,
                made[i].Rebuilt,
                made[i].Random,
                Generator.Forward(networks.Generator.Leaves, domain, content, again[i].Attribute));
        });
        foreach (var tensor in _domains.SelectMany(domain => domain.Tensors))
        {
            tensor.DetachFromDisposeScope();
        }
    }

    public DomainImages this[Domain domain] => _domains[(int)domain];

    public void Dispose()
    {
        foreach (var tensor in _domains.SelectMany(domain => domain.Tensors))
        {
            tensor.Dispose();
        }
    }

    private Parts Take(Domain domain, Tensor images, int call)
    {
        var (mean, logVariance) = AttributeEncoder.Forward(_networks.Attributes!.Leaves, domain, images);
        var content = ContentEncoder.Forward(_networks.Contents.Leaves, domain, images).add(_inputs.ContentNoise(domain, call, _slice), Layers.One);
        return new Parts(content, mean, logVariance, AttributeEncoder.Sample(mean, logVariance, _inputs.AttributeNoise(domain, call, _slice)));
    }

    /// <summary>All images of a domain in one call of the generator.</summary>
    private (Tensor Translated, Tensor Rebuilt, Tensor Random) Put(Domain domain, Parts own, Tensor otherContent, Tensor latents)
    {
        var samples = _inputs.Samples;
        var images = Generator.Forward(
            _networks.Generator.Leaves,
            domain,
            cat([otherContent, own.Content, otherContent.repeat(latents.shape[0] / samples, 1, 1, 1)]),
            cat([own.Attribute, own.Attribute, latents]));
        return (images.narrow(0, 0, samples), images.narrow(0, samples, samples), images.narrow(0, 2 * samples, latents.shape[0]));
    }

    private sealed record Parts(Tensor Content, Tensor Mean, Tensor LogVariance, Tensor Attribute);
}
