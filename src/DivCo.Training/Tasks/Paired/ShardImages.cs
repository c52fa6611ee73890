using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>What a shard is given in a step, and what the generator makes of it in one call.</summary>
/// <param name="Inputs">Conditions, [samples, input channels, H, W].</param>
/// <param name="Targets">[samples, C, H, W].</param>
/// <param name="Codes">Random latents, [blocks * samples, latent dim], block-major.</param>
/// <param name="Encoded">Images with the latents of their targets, [samples, C, H, W]; null where there is no encoder, or the shard holds no queries.</param>
/// <param name="Random">Images with the random latents, in their order.</param>
internal sealed record ShardImages(Tensor Inputs, Tensor Targets, Tensor Codes, Tensor? Encoded, Tensor Random)
{
    /// <summary>So many blocks of <see cref="Random"/>.</summary>
    public Tensor Blocks(int first, int count) => Random.narrow(0, first * Inputs.shape[0], count * Inputs.shape[0]);

    /// <summary>So many blocks of <see cref="Codes"/>.</summary>
    public Tensor CodesOf(int first, int count) => Codes.narrow(0, first * Inputs.shape[0], count * Inputs.shape[0]);
}
