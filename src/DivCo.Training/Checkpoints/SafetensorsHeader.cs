using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DivCo.Training.Checkpoints;

/// <summary>The JSON header of a safetensors file: for each tensor its dtype, shape and byte range in the data that follows.</summary>
internal static class SafetensorsHeader
{
    /// <summary>Bound on what a damaged length field can make a reader allocate.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MaxNameLength = 512;
    private const int MaxRank = 8;
    private const string Float32 = "F32";

    internal readonly record struct Entry(string Name, IReadOnlyList<long> Shape, int Length);

    /// <summary>The one encoding of these tensors, given in ordinal name order: no white space, no metadata, data in the same order without gaps,
    /// padded with spaces so that the data starts at a multiple of 8 bytes.</summary>
    public static byte[] Encode(IEnumerable<Entry> entries)
    {
        var json = new StringBuilder("{");
        long offset = 0;
        foreach (Entry entry in entries)
        {
            long end = offset + ((long)entry.Length * sizeof(float));
            json.Append(json.Length > 1 ? "," : "")
                .Append($"\"{entry.Name}\":{{\"dtype\":\"{Float32}\",\"shape\":[{string.Join(',', entry.Shape)}],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
        }

        json.Append('}');
        json.Append(' ', (8 - (json.Length % 8)) % 8);
        return Encoding.ASCII.GetBytes(json.ToString());
    }

    /// <summary>Reads a header that must be exactly what <see cref="Encode"/> makes and must describe exactly <paramref name="dataBytes"/> bytes.</summary>
    /// <exception cref="InvalidDataException">Says what is wrong.</exception>
    public static IReadOnlyList<Entry> Decode(ReadOnlySpan<byte> header, long dataBytes)
    {
        Dictionary<string, JsonEntry?> tensors;
        try
        {
            tensors = JsonSerializer.Deserialize<Dictionary<string, JsonEntry?>>(header, JsonSerializerOptions.Strict)
                ?? throw new InvalidDataException("header is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"header is not the JSON of a safetensors file: {e.Message}", e);
        }

        var entries = new List<Entry>(tensors.Count);
        long offset = 0;
        foreach ((string name, JsonEntry? tensor) in tensors)
        {
            if (entries.Count > 0 && string.CompareOrdinal(entries[^1].Name, name) >= 0)
            {
                throw new InvalidDataException($"tensor {name} stands after {entries[^1].Name}, against ordinal order");
            }

            entries.Add(Check(name, tensor, ref offset));
        }

        if (offset != dataBytes)
        {
            throw new InvalidDataException($"header describes {offset} bytes of data, but {dataBytes} follow it");
        }

        if (!header.SequenceEqual(Encode(entries)))
        {
            throw new InvalidDataException("header is not in canonical form (ordinal name order, no metadata, no white space, padded to 8 bytes)");
        }

        return entries;
    }

    /// <summary>Why <paramref name="name"/> cannot name a tensor, or null. The allowed characters need no escape in JSON.</summary>
    public static string? NameFault(string name) =>
        name.Length is 0 or > MaxNameLength ? $"has {name.Length} characters, not 1 to {MaxNameLength}"
        : name == "__metadata__" ? "is reserved by the format"
        : name.Any(c => c is < ' ' or > '~' or '"' or '\\') ? "holds a character other than printable ASCII without \" and \\"
        : null;

    /// <summary>Number of elements of <paramref name="shape"/>, or null where it is no possible shape of one array.</summary>
    public static int? LengthOf(IReadOnlyList<long> shape)
    {
        if (shape.Count > MaxRank || shape.Any(size => size is < 0 or > int.MaxValue))
        {
            return null;
        }

        long length = 1;
        foreach (long size in shape)
        {
            length = Math.Min(length * size, int.MaxValue + 1L);
        }

        return length <= Array.MaxLength ? (int)length : null;
    }

    private static Entry Check(string name, JsonEntry? tensor, ref long offset)
    {
        if (tensor is null)
        {
            throw new InvalidDataException($"tensor {name} is null");
        }

        if (NameFault(name) is { } fault)
        {
            throw new InvalidDataException($"tensor name \"{name}\" {fault}");
        }

        if (tensor.Dtype != Float32)
        {
            throw new InvalidDataException($"tensor {name} has dtype {tensor.Dtype}, not {Float32}");
        }

        int length = LengthOf(tensor.Shape) ?? throw new InvalidDataException($"tensor {name} has the impossible shape [{string.Join(',', tensor.Shape)}]");
        long end = offset + ((long)length * sizeof(float));
        if (tensor.DataOffsets is not [long begin, long stop] || begin != offset || stop != end)
        {
            throw new InvalidDataException($"tensor {name} has data_offsets [{string.Join(',', tensor.DataOffsets)}], not [{offset},{end}]");
        }

        offset = end;
        return new Entry(name, tensor.Shape, length);
    }

    private sealed record JsonEntry(
        [property: JsonPropertyName("dtype")] string Dtype,
        [property: JsonPropertyName("shape")] long[] Shape,
        [property: JsonPropertyName("data_offsets")] long[] DataOffsets);
}
