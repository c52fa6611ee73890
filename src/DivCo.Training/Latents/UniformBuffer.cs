using System.Buffers;

namespace DivCo.Training.Latents;

/// <summary>The uniform numbers of one vector, in a rented array.</summary>
internal readonly ref struct UniformBuffer
{
    private readonly double[] _rented;

    public UniformBuffer(PhiloxStream stream, int time, int sample, int index, int length)
    {
        _rented = ArrayPool<double>.Shared.Rent(length);
        stream.Uniforms(checked((uint)time), checked((uint)sample), checked((uint)index), _rented.AsSpan(0, length));
        Values = _rented.AsSpan(0, length);
    }

    public ReadOnlySpan<double> Values { get; }

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);
}
