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
    /// <summary>So many blocks of <see cref="Random"/>, from the first.</summary>
    public Tensor Blocks(int count) => Random.narrow(0, 0, count * Inputs.shape[0]);

    /// <summary>Of random latents or their images: the queries, which come first.</summary>
    public Tensor First(Tensor rows) => rows.narrow(0, 0, Inputs.shape[0]);

    /// <summary>Of random latents or their images: the second codes, which come last where there are any.</summary>
    public Tensor Second(Tensor rows) => rows.narrow(0, rows.shape[0] - Inputs.shape[0], Inputs.shape[0]);
}
