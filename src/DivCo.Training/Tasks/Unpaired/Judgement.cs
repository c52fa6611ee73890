using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>What one image discriminator learns from.</summary>
/// <param name="Name">Of its loss.</param>
/// <param name="Maps">Its logits of images, by its parameters.</param>
/// <param name="Images">Real and generated ones of a shard; of several latents of a sample, these block-major.</param>
internal sealed record Judgement(
    string Name,
    Func<IReadOnlyDictionary<string, Tensor>, Tensor, IReadOnlyList<Tensor>> Maps,
    Func<int, (Tensor Reals, Tensor Fakes)> Images);
