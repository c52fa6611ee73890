using DivCo.Training.Latents;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Determinism;

/// <summary>The inputs of one run of a kernel: the same numbers each time, in memory of libtorch, so many elements behind its beginning.</summary>
/// <param name="offset">In elements of 4 bytes.</param>
internal sealed class ProbeInputs(int offset)
{
    private const float Scale = 1f / (1u << 31);

    private uint _drawn;

    /// <summary>The next input: float32, uniform in [-1, 1).</summary>
    public Tensor Next(params long[] shape)
    {
        var length = checked((int)shape.Aggregate(1L, (product, size) => product * size));
        var memory = zeros(offset + length, float32);
        var values = TensorMemory.Floats(memory)[offset..];
        for (var i = 0; i < length; i += 4)
        {
            var (x0, x1, x2, x3) = Philox.Block((uint)i, _drawn, 0, 0, key: 0);
            ReadOnlySpan<float> block = [(int)x0 * Scale, (int)x1 * Scale, (int)x2 * Scale, (int)x3 * Scale];
            block[..Math.Min(4, length - i)].CopyTo(values[i..]);
        }

        _drawn++;
        return memory.narrow(0, offset, length).view(shape);
    }
}
