using DivCo.Collectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The random latents of a shard as tensors; both directions of translation share them.</summary>
internal sealed class ShardCodes(TrainingConfig config, DiversityTerms terms, ShardGrid grid, ScalarType type)
{
    private readonly ShardLatents _latents = new(config, terms, grid);
    private readonly ShardLatents _random = new(config, terms with { Contrasts = false }, grid);
    private readonly int _dim = config.Model.LatentDim;

    /// <summary>Blocks of the contrastive term in a shard, which come first.</summary>
    public int ContrastBlocks(int shard) => _latents.ContrastBlocks(shard);

    /// <summary>
    /// The block of a shard with queries that is judged beside them: the second codes, or the first negatives, which are as random as those.
    /// </summary>
    public int JudgedBlock(int shard) => terms.HasSecondCode ? _latents.Blocks(shard) - 1 : 2;

    /// <summary>Queries, and second codes where there are any, of a shard with queries; the same as those of <see cref="All"/>.</summary>
    /// <returns>[samples or 2 samples, latent dim].</returns>
    public Tensor Random(int step, int shard) => Filled(_random, step, shard);

    /// <returns>[blocks * samples, latent dim], block-major.</returns>
    public Tensor All(int step, int shard) => Filled(_latents, step, shard);

    private Tensor Filled(ShardLatents latents, int step, int shard)
    {
        var codes = empty([latents.Blocks(shard) * latents.Samples, _dim], float32);
        latents.Fill(step, shard, TensorMemory.Floats(codes));
        return codes.to(type);
    }
}
