namespace DivCo.Training.Latents;

/// <summary>
/// Random numbers of one trial for one purpose, addressed by element: (step or epoch, sample, index, element). A number depends on its
/// address alone, never on which worker asks for it, in which order, or how many others were drawn.
/// </summary>
/// <param name="seed">The seed of the trial.</param>
internal readonly struct PhiloxStream(ulong seed, StreamPurpose purpose)
{
    private const int IndexBits = 24;

    /// <summary>64 random bits.</summary>
    /// <param name="time">Step or epoch, as the purpose has it; 0 where it has neither.</param>
    /// <param name="sample">Position in the global batch, or what else is numbered.</param>
    /// <param name="index">Which of a sample's vectors (the number of a negative); below 2^24.</param>
    public ulong Bits(uint time, uint sample, uint index, uint element)
    {
        var block = Block(time, sample, index, element / 2);
        return element % 2 == 0 ? block.First : block.Second;
    }

    /// <summary>
    /// Uniform numbers of the elements 0, 1, 2... in the open interval (0, 1): (k + 1/2) / 2^52 with 52 random bits k, exact in float64.
    /// </summary>
    public void Uniforms(uint time, uint sample, uint index, Span<double> destination)
    {
        for (var element = 0; element < destination.Length; element += 2)
        {
            var (first, second) = Block(time, sample, index, (uint)element / 2);
            destination[element] = ToUniform(first);
            if (element + 1 < destination.Length)
            {
                destination[element + 1] = ToUniform(second);
            }
        }
    }

    public static double ToUniform(ulong bits) => ((bits >> 12) + 0.5) * (1.0 / (1UL << 52));

    private (ulong First, ulong Second) Block(uint time, uint sample, uint index, uint pair)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, 1u << IndexBits);
        var (x0, x1, x2, x3) = Philox.Block(pair, ((uint)purpose << IndexBits) | index, sample, time, seed);
        return (((ulong)x1 << 32) | x0, ((ulong)x3 << 32) | x2);
    }
}
