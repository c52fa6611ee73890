using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// The first pass of DRIT for the samples of a slice: images of both domains are taken apart into content and attribute, put together across
/// the domains, and back again. The discriminators' updates and that of encoders and generator use the same one.
/// </summary>
internal sealed class FirstPass : IDisposable
{
    private readonly DomainPass[] _domains;

    public FirstPass(Networks networks, StepInputs inputs, ShardCodes codes, int step, int batch, int slice)
    {
        using var scope = NewDisposeScope();
        var (contents, attributes, generator) = (networks.Contents.Leaves, networks.Attributes.Leaves, networks.Generator.Leaves);
        var latents = codes.Random(step, slice);
        var blocks = latents.shape[0] / inputs.Samples;
        Domain[] domains = [Domain.A, Domain.B];
        var reals = Array.ConvertAll(domains, domain => inputs.Images(domain, batch, slice));
        var own = Array.ConvertAll(domains, domain => Take(domain, reals[(int)domain], call: 0));
        var made = Array.ConvertAll(domains, domain =>
        {
            var (self, other) = (own[(int)domain], own[1 - (int)domain]);
            return Generator.Forward(
                generator,
                domain,
                cat([other.Content, self.Content, other.Content.repeat(blocks, 1, 1, 1)]),
                cat([self.Attribute, self.Attribute, latents]));
        });
        var translated = Array.ConvertAll(made, images => images.narrow(0, 0, inputs.Samples));
        var again = Array.ConvertAll(domains, domain => Take(domain, translated[(int)domain], call: 1));
        _domains = Array.ConvertAll(domains, domain =>
        {
            var (i, images) = ((int)domain, made[(int)domain]);
            return new DomainPass(
                reals[i],
                own[i].Content,
                own[i].Mean,
                own[i].LogVariance,
                translated[i],
                images.narrow(0, inputs.Samples, inputs.Samples),
                images.narrow(0, 2 * inputs.Samples, blocks * inputs.Samples),
                Generator.Forward(generator, domain, again[1 - i].Content, again[i].Attribute));
        });
        foreach (var tensor in _domains.SelectMany(domain => domain.Tensors))
        {
            tensor.DetachFromDisposeScope();
        }

        (Tensor Content, Tensor Mean, Tensor LogVariance, Tensor Attribute) Take(Domain domain, Tensor images, int call)
        {
            var (mean, logVariance) = AttributeEncoder.Forward(attributes, domain, images);
            var content = ContentEncoder.Forward(contents, domain, images).add(inputs.ContentNoise(domain, step, call, slice), Layers.One);
            return (content, mean, logVariance, AttributeEncoder.Sample(mean, logVariance, inputs.AttributeNoise(domain, step, call, slice)));
        }
    }

    public DomainPass this[Domain domain] => _domains[(int)domain];

    public void Dispose()
    {
        foreach (var tensor in _domains.SelectMany(domain => domain.Tensors))
        {
            tensor.Dispose();
        }
    }
}
