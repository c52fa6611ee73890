using DivCo.Training.Latents;

namespace DivCo.Training.Data;

/// <summary>The augmentations of a trial: a function of the sample, whichever worker or shard asks for it.</summary>
/// <param name="seed">The seed of the trial.</param>
internal readonly struct AugmentationStream(ulong seed)
{
    private const double Unit = 1.0 / (1 << 24);

    private readonly PhiloxStream _stream = new(seed, StreamPurpose.Augmentation);

    /// <param name="sample">Position in the global batch.</param>
    /// <param name="side">0; where a sample has an image of each domain, 1 for that of domain B.</param>
    public Augmentation Draw(int step, int sample, int side = 0)
    {
        var (time, position, index) = (checked((uint)step), checked((uint)sample), checked((uint)side));
        return new Augmentation(
            Fraction(_stream.Bits(time, position, index, 0)),
            Fraction(_stream.Bits(time, position, index, 1)),
            _stream.Bits(time, position, index, 2) >> 63 == 1);
    }

    // 24 bits: exact in float32, and below 1.
    private static float Fraction(ulong bits) => (float)((bits >> 40) * Unit);
}
