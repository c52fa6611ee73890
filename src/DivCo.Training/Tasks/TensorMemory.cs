using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>
/// The memory of CPU tensors. Whatever enters a kernel is allocated by libtorch, aligned to 64 bytes: bits depend on the alignment, and
/// <c>torch.tensor(array)</c> would alias managed memory.
/// </summary>
internal static class TensorMemory
{
    /// <summary>A new float32 tensor that holds a copy of <paramref name="values"/>.</summary>
    public static Tensor Float32(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        var tensor = empty(shape, float32);
        values.CopyTo(Floats(tensor));
        return tensor;
    }

    /// <summary>A new float64 tensor that holds a copy of <paramref name="values"/>.</summary>
    public static Tensor Float64(ReadOnlySpan<double> values)
    {
        var tensor = empty([values.Length], float64);
        values.CopyTo(Doubles(tensor));
        return tensor;
    }

    /// <summary>The elements of a contiguous float32 tensor; valid as long as the tensor is.</summary>
    public static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>The elements of a contiguous float64 tensor; valid as long as the tensor is.</summary>
    public static Span<double> Doubles(Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.bytes);
}
