using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Sharding;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// The images and the noise of a shard's samples. A step takes twice batch_size pairs of the epoch's order, as BicycleGAN's batches of two halves do: the first
/// batch_size are its conditions with their targets, the targets of the others are what the second discriminator knows as real. Pix2pix has no second one and takes batch_size.
/// </summary>
internal sealed class ShardPairs
{
    private readonly TrainingConfig _config;
    private readonly ImagePairs _pairs;
    private readonly ShardGrid _grid;
    private readonly DataClock _clock;
    private readonly ShardedSampler _sampler;
    private readonly AugmentationStream _augmentations;
    private readonly PhiloxStream _noise;

    /// <exception cref="TrainingConfigException">The data set has not a single batch.</exception>
    public ShardPairs(TrainingConfig config, ImagePairs pairs, ShardGrid grid, DataClock clock)
    {
        var step = config.Paired!.Architecture == PairedArchitecture.Pix2Pix ? config.BatchSize : 2 * config.BatchSize;
        if (step > pairs.Count)
        {
            throw new TrainingConfigException($"trial.batch_size: a step with {config.BatchSize} conditions takes {step} pairs, but {pairs.Name} has {pairs.Count}; lower it.");
        }

        (_config, _pairs, _grid, _clock) = (config, pairs, grid, clock);
        _sampler = new ShardedSampler(config.Seed, pairs.Count, step);
        _augmentations = new AugmentationStream(config.Seed);
        _noise = new PhiloxStream(config.Seed, StreamPurpose.PosteriorNoise);
    }

    /// <summary>Samples of a slice.</summary>
    public int Samples => _config.BatchSize / _grid.Data;

    /// <returns>Conditions [samples, input channels, H, W] and their targets [samples, C, H, W].</returns>
    public (Tensor Inputs, Tensor Targets) Conditions(int step, int shard) => Copy(step, First(shard));

    /// <summary>Targets of other pairs, [samples, C, H, W].</summary>
    public Tensor OtherTargets(int step, int shard) => Copy(step, _config.BatchSize + First(shard)).Targets;

    /// <summary>N(0, I) of each sample, [samples, latent dim].</summary>
    public Tensor Noise(int step, int shard)
    {
        var dim = _config.Model.LatentDim;
        var noise = empty([Samples, dim], float32);
        for (var i = 0; i < Samples; i++)
        {
            LatentAugmentation.Normals(_noise, step, First(shard) + i, 0, TensorMemory.Floats(noise).Slice(i * dim, dim));
        }

        return noise;
    }

    private int First(int shard) => _grid.SliceOf(shard) * Samples;

    /// <param name="first">Position in the step's pairs.</param>
    private (Tensor Inputs, Tensor Targets) Copy(int step, int first)
    {
        var began = Stopwatch.GetTimestamp();
        var size = _pairs.ImageSize;
        var inputs = empty([Samples, _pairs.InputChannels, size, size], float32);
        var targets = empty([Samples, _pairs.Channels, size, size], float32);
        for (var i = 0; i < Samples; i++)
        {
            _pairs.CopyPair(
                _sampler.Batch(step)[first + i],
                _augmentations.Draw(step, first + i),
                TensorMemory.Floats(inputs).Slice(i * _pairs.InputLength, _pairs.InputLength),
                TensorMemory.Floats(targets).Slice(i * _pairs.ImageLength, _pairs.ImageLength));
        }

        _clock.Add(began);
        return (inputs, targets);
    }
}
