using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The way from images of one domain to the other: their content, and latents.</summary>
internal static class Translation
{
    /// <param name="encoder">Tensors of the content encoder.</param>
    /// <param name="generator">Tensors of the generator.</param>
    /// <param name="domain">Of the images that are made.</param>
    /// <param name="images">Of the other domain, [samples, C, H, W].</param>
    /// <param name="noise">As the contents; all latents of a sample share it, so that images differ by their latents alone. Null: none, as in evaluation.</param>
    /// <param name="latents">[blocks * samples, latent dim], block-major.</param>
    /// <returns>[blocks * samples, C, H, W].</returns>
    public static Tensor To(
        Domain domain,
        IReadOnlyDictionary<string, Tensor> encoder,
        IReadOnlyDictionary<string, Tensor> generator,
        Tensor images,
        Tensor? noise,
        Tensor latents)
    {
        var content = ContentEncoder.Forward(encoder, Other(domain), images);
        content = noise is null ? content : content.add(noise, Layers.One);
        return Generator.Forward(generator, domain, content.repeat(latents.shape[0] / images.shape[0], 1, 1, 1), latents);
    }

    public static Domain Other(Domain domain) => (Domain)(1 - (int)domain);
}
