using System.Buffers.Binary;

namespace DivCo.Training.Checkpoints;

/// <summary>
/// Reads safetensors files that others wrote: tensors in any order, with metadata, in float32, float16 or bfloat16. Every byte of the header is
/// checked as the format demands (github.com/huggingface/safetensors), so that a damaged file is refused and not half read.
/// </summary>
internal static class ForeignSafetensors
{
    /// <summary>Reads a file.</summary>
    /// <param name="wanted">Which tensors are read; others may be of any type, and are passed over.</param>
    /// <returns>All tensors by name; those that were not wanted without values.</returns>
    /// <exception cref="InvalidDataException">It is no safetensors file, it is damaged, or a wanted tensor is of another type; names the file and what is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyDictionary<string, TensorRecord> Read(string path, Func<string, bool> wanted)
    {
        using var file = File.OpenRead(path);
        try
        {
            return Read(file, file.Length, wanted);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads a seekable stream of exactly <paramref name="length"/> bytes.</summary>
    /// <inheritdoc cref="Read(string, Func{string, bool})"/>
    public static IReadOnlyDictionary<string, TensorRecord> Read(Stream source, long length, Func<string, bool> wanted)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (length < prefix.Length)
        {
            throw new InvalidDataException($"file has {length} bytes, fewer than the {prefix.Length} of the header's length");
        }

        source.ReadExactly(prefix);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaxBytes || (long)headerBytes > length - prefix.Length)
        {
            throw new InvalidDataException($"header is said to have {headerBytes} bytes in a file of {length} (at most {SafetensorsHeader.MaxBytes} are allowed)");
        }

        var header = new byte[headerBytes];
        source.ReadExactly(header);
        var data = prefix.Length + header.Length;
        var tensors = new Dictionary<string, TensorRecord>();
        foreach (var entry in ForeignHeader.Decode(header, length - data))
        {
            var values = Array.Empty<float>();
            if (wanted(entry.Name))
            {
                var bytes = new byte[entry.End - entry.Begin];
                source.Position = data + entry.Begin;
                source.ReadExactly(bytes);
                values = ToFloats(entry, bytes);
            }

            tensors.Add(entry.Name, new TensorRecord(entry.Name, entry.Shape, values));
        }

        return tensors;
    }

    private static float[] ToFloats(ForeignHeader.Entry entry, byte[] bytes)
    {
        Func<int, float> element = entry.Dtype switch
        {
            "F32" => i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i)),
            "F16" => i => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(2 * i)),
            "BF16" => i => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) << 16),
            _ => throw new InvalidDataException($"tensor {entry.Name} has dtype {entry.Dtype}; allowed: F32, F16, BF16"),
        };
        return [.. Enumerable.Range(0, bytes.Length / (entry.Dtype == "F32" ? 4 : 2)).Select(element)];
    }
}
