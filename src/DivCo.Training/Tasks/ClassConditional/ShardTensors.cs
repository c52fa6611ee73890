using System.Diagnostics.CodeAnalysis;
using DivCo.Training.Data;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// What one shard is given in one step (labels, real images, latents), and the images generated from it: both updates use those of one
/// call of the generator, whose weights change only after both.
/// </summary>
internal sealed class ShardTensors : IDisposable
{
    private readonly Networks _networks;
    private readonly List<FlatTensors> _batchStatistics = [];
    private readonly bool _hasSecondCode;
    private Tensor? _images;
    private FlatTensors? _generatorStatistics;

    /// <param name="samples">Indices of the slice's images in the data set.</param>
    /// <param name="augmentation">Of the slice's sample of a number.</param>
    public ShardTensors(
        Networks networks, LabelledImages dataset, ReadOnlySpan<int> samples, Func<int, Augmentation> augmentation, int blocks, Tensor latents, bool holdsQueries, bool hasSecondCode)
    {
        using var scope = NewDisposeScope();
        (_networks, Blocks, Samples, HoldsQueries, _hasSecondCode) = (networks, blocks, samples.Length, holdsQueries, hasSecondCode);
        var oneHot = zeros([samples.Length, dataset.Classes], float32);
        var images = empty([samples.Length, dataset.Channels, dataset.ImageSize, dataset.ImageSize], float32);
        var labels = TensorMemory.Floats(oneHot);
        var reals = TensorMemory.Floats(images);
        for (var i = 0; i < samples.Length; i++)
        {
            labels[(i * dataset.Classes) + dataset.Label(samples[i])] = 1;
            dataset.CopyImage(samples[i], augmentation(i), reals.Slice(i * dataset.ImageLength, dataset.ImageLength));
        }

        (Latents, Labels, Reals) = (Kept(latents), Kept(oneHot), Kept(images));

        Tensor Kept(Tensor tensor) => tensor.to(networks.Type).DetachFromDisposeScope();
    }

    /// <summary>Samples of the slice.</summary>
    public int Samples { get; }

    /// <summary>Latents of a sample in this shard.</summary>
    public int Blocks { get; }

    /// <summary>Whether the first block of rows are the queries.</summary>
    public bool HoldsQueries { get; }

    /// <summary>Blocks that the discriminator judges: the queries, and the second codes where there are any.</summary>
    public int JudgedBlocks => _hasSecondCode ? 2 : 1;

    /// <summary>[blocks * samples, latent dim], block-major.</summary>
    public Tensor Latents { get; }

    /// <summary>One-hot, [samples, classes].</summary>
    public Tensor Labels { get; }

    /// <summary>[samples, C, H, W].</summary>
    public Tensor Reals { get; }

    /// <summary>Mean and variance of the generator's batch norm layers in the call that made <see cref="Images"/>.</summary>
    public FlatTensors? GeneratorStatistics
    {
        get
        {
            Generate();
            return _generatorStatistics;
        }
    }

    /// <summary>[blocks * samples, C, H, W], block-major, with a graph to the generator's parameters.</summary>
    public Tensor Images
    {
        get
        {
            Generate();
            return _images;
        }
    }

    /// <summary>The judged ones of all rows of a shard that holds queries, or of what was computed from each: [judged blocks * samples, ...].</summary>
    public Tensor Judged(Tensor rows) => JudgedBlocks == 1 || Blocks == 2
        ? rows.narrow(0, 0, JudgedBlocks * Samples)
        : cat([rows.narrow(0, 0, Samples), rows.narrow(0, (Blocks - 1) * Samples, Samples)]);

    /// <summary>Labels for so many blocks of rows.</summary>
    public Tensor LabelsOf(int blocks) => Labels.repeat(blocks, 1);

    /// <summary>Where a call of a network leaves its batch statistics; null where its norm has none. Lives as long as the shard.</summary>
    public FlatTensors? NewBatchStatistics(TensorLayout layout)
    {
        if (layout.Length == 0)
        {
            return null;
        }

        _batchStatistics.Add(new FlatTensors(layout, _networks.Type));
        return _batchStatistics[^1];
    }

    /// <summary>Makes <see cref="Images"/>, once.</summary>
    [MemberNotNull(nameof(_images))]
    public void Generate()
    {
        if (_images is not null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var generator = _networks.Generator;
        _generatorStatistics = NewBatchStatistics(generator.Statistics);
        _images = generator
            .Forward(_networks.GeneratorParameters.Leaves, generator.InTraining(_generatorStatistics), Latents, LabelsOf(Blocks))
            .DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var statistics in _batchStatistics)
        {
            statistics.Dispose();
        }

        _images?.Dispose();
        Latents.Dispose();
        Labels.Dispose();
        Reals.Dispose();
    }

}
