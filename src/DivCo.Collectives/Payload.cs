using System.Buffers;
using System.Runtime.InteropServices;

namespace DivCo.Collectives;

/// <summary>
/// The floats of one message, in a pooled block. It is counted: whoever passes it on passes on one reference, and the last
/// release gives the block back. A forgotten release costs the collector a block, never correctness.
/// </summary>
internal sealed class Payload
{
    /// <summary>The most one message carries. Blocks of the sockets are of the same size.</summary>
    public const int MaxBytes = 256 * 1024;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(MaxBytes, maxArraysPerBucket: 256);

    private byte[] _block;
    private int _references = 1;

    private Payload(byte[] block, int length)
    {
        _block = block;
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    public Span<byte> Bytes => _block.AsSpan(0, Length);

    /// <summary>A payload with undefined contents.</summary>
    public static Payload Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxBytes);
        return new Payload(Pool.Rent(length), length);
    }

    public static Payload CopyOf<T>(ReadOnlySpan<T> elements) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(elements);
        var payload = Rent(bytes.Length);
        bytes.CopyTo(payload.Bytes);
        return payload;
    }

    public Span<T> As<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    public void AddReferences(int count) => Interlocked.Add(ref _references, count);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Pool.Return(Interlocked.Exchange(ref _block, []));
        }
    }
}
