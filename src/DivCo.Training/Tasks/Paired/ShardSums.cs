using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>The quantities of a step whose means, or sums, are terms of its loss.</summary>
internal enum Quantity
{
    /// <summary>What the generator pays for images with encoded latents; in pix2pix for all it makes.</summary>
    EncodedCost,

    /// <summary>What it pays for images with random latents.</summary>
    RandomCost,

    /// <summary>Between an image and its target, a value for each pixel and channel.</summary>
    TargetDistance,

    /// <summary>Of encoded latents from the prior.</summary>
    Divergence,

    /// <summary>Between random latents and what the encoder finds of them in their images, a value for each element.</summary>
    LatentDistance,

    /// <summary>Between images of two latents of one condition, a value for each pixel and channel.</summary>
    ImageDifference,

    /// <summary>Between those latents, a value for each element.</summary>
    LatentDifference,

    /// <summary>What D pays for targets.</summary>
    Real,

    /// <summary>What D pays for generated images.</summary>
    Fake,

    /// <summary>What D2 pays for targets of other pairs.</summary>
    OtherReal,

    /// <summary>What D2 pays for images with random latents.</summary>
    RandomFake,
}

/// <summary>The statistics of a shard: for each quantity its sum and how many values are in it.</summary>
internal sealed class ShardSums
{
    private readonly Dictionary<Quantity, (Tensor Sum, long Count)> _sums = [];

    public static int Length { get; } = 2 * Enum.GetValues<Quantity>().Length;

    public bool IsEmpty => _sums.Count == 0;

    /// <param name="sum">A float64 scalar.</param>
    public void Add(Quantity quantity, Tensor sum, long count) => _sums.Add(quantity, (sum, count));

    /// <returns>[<see cref="Length"/>], float64; what the shard has nothing of is 0.</returns>
    public Tensor ToVector()
    {
        var counts = new double[Length];
        foreach (var (quantity, (_, count)) in _sums)
        {
            counts[(2 * (int)quantity) + 1] = count;
        }

        var vector = TensorMemory.Float64(counts);
        return stack([.. Enumerable.Range(0, Length).Select(i => i % 2 == 0 && _sums.TryGetValue((Quantity)(i / 2), out var own) ? own.Sum : vector[i])]);
    }

    /// <summary>Sum and count of a quantity and of the one after it, [4].</summary>
    public static Tensor Pair(Tensor statistics, Quantity first) => statistics.narrow(0, 2 * (int)first, 4);

    public static Tensor SumOf(Tensor statistics, Quantity quantity) => statistics[2 * (int)quantity];

    public static Tensor MeanOf(Tensor statistics, Quantity quantity) => SumOf(statistics, quantity) / statistics[(2 * (int)quantity) + 1];
}
