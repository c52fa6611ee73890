using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DivCo.Training.Checkpoints;

/// <summary>
/// Reads and writes the safetensors format in canonical form: the same tensors are always the same bytes, whatever order they came in, so the
/// SHA-256 of the file names the weights. Layout: header length (8 bytes, little-endian), JSON header, float32 data (little-endian).
/// </summary>
public static class Safetensors
{
    private const int LengthBytes = sizeof(ulong);

    /// <summary>Writes <paramref name="tensors"/>, ordered by ordinal name.</summary>
    /// <exception cref="ArgumentException">A name is not allowed or given twice, or a shape does not fit its values.</exception>
    public static void Write(Stream destination, IReadOnlyList<TensorRecord> tensors)
    {
        TensorRecord[] ordered = [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        for (int i = 0; i < ordered.Length; i++)
        {
            Check(ordered[i], i > 0 ? ordered[i - 1].Name : null);
        }

        byte[] header = SafetensorsHeader.Encode(ordered.Select(tensor => new SafetensorsHeader.Entry(tensor.Name, tensor.Shape, tensor.Values.Length)));
        if (header.Length > SafetensorsHeader.MaxBytes)
        {
            throw new ArgumentException($"{ordered.Length} tensors need a header of {header.Length} bytes; at most {SafetensorsHeader.MaxBytes} are allowed", nameof(tensors));
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        destination.Write(length);
        destination.Write(header);
        foreach (TensorRecord tensor in ordered)
        {
            destination.Write(MemoryMarshal.AsBytes(tensor.Values.Span));
        }
    }

    /// <summary>Reads a file of exactly <paramref name="length"/> bytes; accepts only what <see cref="Write"/> writes, and allocates no more than that length.</summary>
    /// <exception cref="InvalidDataException">The bytes are anything else; the message says what.</exception>
    public static IReadOnlyList<TensorRecord> Read(Stream source, long length)
    {
        if (length < LengthBytes)
        {
            throw new InvalidDataException($"file has {length} bytes, fewer than the {LengthBytes} of the header's length");
        }

        Span<byte> prefix = stackalloc byte[LengthBytes];
        ReadExactly(source, prefix);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaxBytes || (long)headerBytes > length - LengthBytes)
        {
            throw new InvalidDataException($"header is said to have {headerBytes} bytes in a file of {length} (at most {SafetensorsHeader.MaxBytes} are allowed)");
        }

        byte[] header = new byte[headerBytes];
        ReadExactly(source, header);
        IReadOnlyList<SafetensorsHeader.Entry> entries = SafetensorsHeader.Decode(header, length - LengthBytes - header.Length);
        var tensors = new TensorRecord[entries.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            float[] values = GC.AllocateUninitializedArray<float>(entries[i].Length);
            ReadExactly(source, MemoryMarshal.AsBytes(values.AsSpan()));
            tensors[i] = new TensorRecord(entries[i].Name, entries[i].Shape, values);
        }

        return tensors;
    }

    private static void Check(TensorRecord tensor, string? before)
    {
        if (SafetensorsHeader.NameFault(tensor.Name) is { } fault)
        {
            throw new ArgumentException($"tensor name \"{tensor.Name}\" {fault}", nameof(tensor));
        }

        if (tensor.Name == before)
        {
            throw new ArgumentException($"two tensors are named {before}", nameof(tensor));
        }

        if (SafetensorsHeader.LengthOf(tensor.Shape) != tensor.Values.Length)
        {
            throw new ArgumentException($"tensor {tensor.Name} has {tensor.Values.Length} values, which the shape [{string.Join(',', tensor.Shape)}] does not hold", nameof(tensor));
        }
    }

    private static void ReadExactly(Stream source, Span<byte> destination)
    {
        if (source.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new InvalidDataException("file ended before its data did");
        }
    }
}
