using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>What the pass with attributes makes of one domain, for the samples of a slice; with a graph to encoders and generator.</summary>
/// <param name="Reals">Images of the domain that are translated, [samples, C, H, W].</param>
/// <param name="Content">Their content with noise, [samples, 4 width, H / 4, W / 4].</param>
/// <param name="Mean">Of their attributes, [samples, latent dim].</param>
/// <param name="LogVariance">Of their attributes.</param>
/// <param name="Translated">Images with the other domain's content and this one's attribute.</param>
/// <param name="Rebuilt">Images with the domain's own content and attribute.</param>
/// <param name="Random">Images with the other domain's content and random latents, block-major.</param>
/// <param name="Cycled"><paramref name="Reals"/> again, from content and attribute of the translated images.</param>
internal sealed record DomainImages(
    Tensor Reals, Tensor Content, Tensor Mean, Tensor LogVariance, Tensor Translated, Tensor Rebuilt, Tensor Random, Tensor Cycled)
{
    public IEnumerable<Tensor> Tensors => [Reals, Content, Mean, LogVariance, Translated, Rebuilt, Random, Cycled];
}
