using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>The batch of the step that the task is at, shard by shard: pairs, latents, and the images that the generator makes of them.</summary>
internal sealed class ShardBatch(TrainingConfig config, Networks networks, ImagePairs pairs, DiversityTerms terms, ShardGrid grid, DataClock clock)
{
    private static readonly Scalar Half = 0.5.ToScalar();

    private readonly ShardPairs _pairs = new(config, pairs, grid, clock);
    private readonly ShardLatents _latents = new(config, terms, grid);

    public int Step { get; set; }

    /// <summary>Samples of a slice.</summary>
    public int Samples => _pairs.Samples;

    /// <summary>Whether the shard owns the terms of single samples.</summary>
    public bool HoldsQueries(int shard) => _latents.HoldsQueries(shard);

    /// <summary>Blocks of random latents whose images the contrastive term compares, from the first.</summary>
    public int ContrastBlocks(int shard) => _latents.ContrastBlocks(shard);

    /// <summary>Targets of other pairs, [samples, C, H, W].</summary>
    public Tensor OtherTargets(int shard) => _pairs.OtherTargets(Step, shard);

    /// <summary>Runs the generator, and in the shards that hold queries the encoder, whose divergence it adds to the sums.</summary>
    public ShardImages Generate(int shard, ShardSums sums)
    {
        var (inputs, targets) = _pairs.Conditions(Step, shard);
        var codes = empty([_latents.Blocks(shard) * Samples, config.Model.LatentDim], float32);
        _latents.Fill(Step, shard, TensorMemory.Floats(codes));
        var encoded = networks.Encoder is not null && HoldsQueries(shard) ? Encode(targets, _pairs.Noise(Step, shard), sums) : null;
        var latents = encoded is null ? codes : cat([encoded, codes], 0);
        var images = networks.Generator.Forward(
            networks.GeneratorParameters.Leaves, inputs.repeat(latents.shape[0] / Samples, 1, 1, 1), latents);
        return encoded is null
            ? new ShardImages(inputs, targets, codes, null, images)
            : new ShardImages(inputs, targets, codes, images.narrow(0, 0, Samples), images.narrow(0, Samples, codes.shape[0]));
    }

    private Tensor Encode(Tensor targets, Tensor noise, ShardSums sums)
    {
        var (mean, logVariance) = networks.Encoder!.Forward(networks.EncoderParameters!.Leaves, targets);
        sums.Add(Quantity.Divergence, GaussianPrior.Divergence(mean, logVariance), targets.shape[0]);
        return Layers.Add(mean, noise * logVariance.mul(Half).exp());
    }
}
