using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DivCo.Collectives.Links;

namespace DivCo.Collectives;

/// <summary>
/// The floats of one message: in a pooled block, in a block of shared memory, or in a buffer that its owner lends while a collective runs. It is counted:
/// whoever passes it on passes on one reference, and the last release gives the block back. A forgotten release costs the collector a block,
/// never correctness.
/// </summary>
internal sealed class Payload
{
    /// <summary>The most one message carries. Blocks of the sockets are of the same size.</summary>
    public const int MaxBytes = 256 * 1024;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(MaxBytes, maxArraysPerBucket: 256);

    private readonly Array? _array;
    private readonly nint _offset;
    private readonly Loan? _loan;
    private int _references = 1;

    private Payload(Array? array, nint offset, int length, bool isWritable, Loan? loan = null, MappedMemory? memory = null, int block = -1) =>
        (_array, _offset, Length, IsWritable, _loan, Memory, Block) = (array, offset, length, isWritable, loan, memory, block);

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>Whether sums may be written over it by who holds the only reference.</summary>
    public bool IsWritable { get; }

    /// <summary>Under which it is read; null: it is not lent.</summary>
    public Loan? Loan => _loan;

    /// <summary>Whether the lender took it back: what was read of it until now may be anything.</summary>
    public bool IsRevoked => _loan is { IsRevoked: true };

    /// <summary>Where it lies in shared memory; null: it does not.</summary>
    public MappedMemory? Memory { get; }

    /// <summary>Of <see cref="Memory"/>.</summary>
    public int Block { get; }

    public Span<byte> Bytes => _array is null
        ? Memory!.Bytes(Block, Length)
        : MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_array), _offset), Length);

    /// <summary>A payload with undefined contents.</summary>
    public static Payload Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxBytes);
        return new Payload(Pool.Rent(length), 0, length, isWritable: true);
    }

    /// <summary>A block of shared memory, of which one reference is taken over.</summary>
    /// <param name="isOwn">Whether this process's rank filled it, or is going to.</param>
    public static Payload In(MappedMemory memory, int block, int length, bool isOwn) => new(null, 0, length, isOwn, null, memory, block);

    public static Payload CopyOf<T>(ReadOnlySpan<T> elements) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(elements);
        var payload = Rent(bytes.Length);
        bytes.CopyTo(payload.Bytes);
        return payload;
    }

    /// <summary>A part of a buffer itself, to be read until the loan ends.</summary>
    public static Payload Lend<T>(T[] buffer, Range part, Loan loan) where T : unmanaged
    {
        var (start, count) = part.GetOffsetAndLength(buffer.Length);
        return new Payload(buffer, (nint)start * Unsafe.SizeOf<T>(), count * Unsafe.SizeOf<T>(), isWritable: false, loan);
    }

    public Span<T> As<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    public void AddReferences(int count) => Interlocked.Add(ref _references, count);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
        {
            return;
        }

        if (Memory is { } memory)
        {
            memory.Release(Block);
        }
        else if (_loan is null)
        {
            Pool.Return((byte[])_array!);
        }
    }
}
