using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Latents;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// What the shards are given in a step: images, latents and noise, new tensors at every call. All of it belongs to the sample, so it is the same
/// in every shard that needs it.
/// </summary>
/// <remarks>
/// A batch has twice as many images of each domain as the step has conditions: those that are translated, then as many that only the
/// discriminators of random latents see.
/// </remarks>
internal sealed class StepInputs(TrainingConfig config, ImageDomains dataset, ShardGrid grid, Networks networks, DataClock clock)
{
    private readonly DomainSampler _sampler = new(config.Seed, dataset.CountA, dataset.CountB, 2 * config.BatchSize);
    private readonly int _batches = Math.Max(1, config.Unpaired!.ContentUpdates);
    private readonly AugmentationStream _augmentations = new(config.Seed);
    private readonly PhiloxStream _contentNoise = new(config.Seed, StreamPurpose.ContentNoise);
    private readonly PhiloxStream _attributeNoise = new(config.Seed, StreamPurpose.PosteriorNoise);

    /// <summary>The step that the task is at.</summary>
    public int Step { get; set; }

    /// <summary>Samples of a slice.</summary>
    public int Samples { get; } = config.BatchSize / grid.Data;

    /// <summary>The batch that a step's images are translated from; those of the step before it serve the content discriminator alone.</summary>
    private int Batch => checked(((Step + 1) * _batches) - 1);

    public int SliceOf(int shard) => grid.SliceOf(shard);

    /// <summary>Whether the shard holds the queries, and with them all that is no negative.</summary>
    public bool HoldsQueries(int shard) => grid.NegativeOf(shard) == 0;

    /// <summary>Images that are translated.</summary>
    /// <returns>[samples, C, H, W].</returns>
    public Tensor Images(Domain domain, int slice) => Images(domain, Batch, slice, 0);

    /// <summary>Images that only a discriminator of random latents sees.</summary>
    /// <returns>[samples, C, H, W].</returns>
    public Tensor OtherImages(Domain domain, int slice) => Images(domain, Batch, slice, config.BatchSize);

    /// <summary>Images that serve an update of the content discriminator alone.</summary>
    /// <param name="update">Of those, from 0.</param>
    /// <returns>[samples, C, H, W].</returns>
    public Tensor ContentImages(Domain domain, int update, int slice) => Images(domain, (Step * _batches) + update, slice, 0);

    /// <param name="call">Which of the encoder's calls of a step on images of the domain, from 0.</param>
    /// <returns>N(0, 1), as the contents of a slice's samples.</returns>
    public Tensor ContentNoise(Domain domain, int call, int slice) =>
        Noise(_contentNoise, domain, call, slice, networks.ContentEncoder.Channels, networks.ContentEncoder.Side, networks.ContentEncoder.Side);

    /// <param name="call">As of <see cref="ContentNoise"/>.</param>
    /// <returns>N(0, 1), [samples, latent dim].</returns>
    public Tensor AttributeNoise(Domain domain, int call, int slice) => Noise(_attributeNoise, domain, call, slice, config.Model.LatentDim);

    private Tensor Images(Domain domain, int batch, int slice, int first)
    {
        var began = Stopwatch.GetTimestamp();
        var images = empty([Samples, dataset.Channels, dataset.ImageSize, dataset.ImageSize], float32);
        var values = TensorMemory.Floats(images);
        for (var i = 0; i < Samples; i++)
        {
            var position = first + (slice * Samples) + i;
            var index = _sampler.Index(domain, batch, position);
            var augmentation = _augmentations.Draw(batch, position, (int)domain);
            var image = values.Slice(i * dataset.ImageLength, dataset.ImageLength);
            if (domain == Domain.A)
            {
                dataset.CopyA(index, augmentation, image);
            }
            else
            {
                dataset.CopyB(index, augmentation, image);
            }
        }

        clock.Add(began);
        return images.to(networks.Type);
    }

    private Tensor Noise(PhiloxStream stream, Domain domain, int call, int slice, params ReadOnlySpan<long> shape)
    {
        var noise = empty([Samples, .. shape], float32);
        var values = TensorMemory.Floats(noise);
        var length = values.Length / Samples;
        for (var i = 0; i < Samples; i++)
        {
            LatentAugmentation.Normals(stream, Step, (slice * Samples) + i, (2 * call) + (int)domain, values.Slice(i * length, length));
        }

        return noise.to(networks.Type);
    }
}
