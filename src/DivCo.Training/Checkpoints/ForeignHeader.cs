using System.Text.Json;

namespace DivCo.Training.Checkpoints;

/// <summary>
/// The header of a safetensors file by anybody: a JSON object of tensors and, if at all, one of texts (__metadata__), then spaces. The tensors'
/// bytes fill what follows without a gap and without overlap.
/// </summary>
internal static class ForeignHeader
{
    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, int> _bytesOf = new()
    {
        ["F64"] = 8,
        ["I64"] = 8,
        ["U64"] = 8,
        ["F32"] = 4,
        ["I32"] = 4,
        ["U32"] = 4,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I16"] = 2,
        ["U16"] = 2,
        ["I8"] = 1,
        ["U8"] = 1,
        ["BOOL"] = 1,
        ["F8_E4M3"] = 1,
        ["F8_E5M2"] = 1,
    };

    /// <param name="Begin">Of its bytes, in those that follow the header.</param>
    /// <param name="End">First byte behind it.</param>
    internal readonly record struct Entry(string Name, string Dtype, IReadOnlyList<long> Shape, long Begin, long End);

    /// <exception cref="InvalidDataException">Says what is wrong.</exception>
    public static IReadOnlyList<Entry> Decode(ReadOnlySpan<byte> header, long dataBytes)
    {
        if (header.IsEmpty || header[0] != '{')
        {
            throw new InvalidDataException("header does not begin with {");
        }

        Entry[] entries;
        try
        {
            entries = [.. Entries(JsonSerializer.Deserialize<JsonElement>(header, JsonSerializerOptions.Strict)).OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"header is not the JSON of a safetensors file: {e.Message}", e);
        }

        long offset = 0;
        foreach (var entry in entries)
        {
            offset = entry.Begin == offset
                ? entry.End
                : throw new InvalidDataException($"tensor {entry.Name} begins at byte {entry.Begin} of the data, not at {offset}: tensors overlap or leave a gap");
        }

        return offset == dataBytes ? entries : throw new InvalidDataException($"header describes {offset} bytes of data, but {dataBytes} follow it");
    }

    private static IEnumerable<Entry> Entries(JsonElement header)
    {
        foreach (var member in header.EnumerateObject())
        {
            if (member.Name == Metadata)
            {
                foreach (var text in member.Value.EnumerateObject())
                {
                    _ = text.Value.GetString() ?? throw new InvalidDataException($"{Metadata}.{text.Name} is null");
                }
            }
            else
            {
                yield return Tensor(member.Name, member.Value);
            }
        }
    }

    private static Entry Tensor(string name, JsonElement json)
    {
        if (SafetensorsHeader.NameFault(name) is { } fault)
        {
            throw new InvalidDataException($"tensor name \"{name}\" {fault}");
        }

        var members = json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).ToArray();
        if (members is not ["data_offsets", "dtype", "shape"])
        {
            throw new InvalidDataException($"tensor {name} has the members {string.Join(", ", members)}, not dtype, shape and data_offsets");
        }

        var dtype = json.GetProperty("dtype").GetString() ?? "null";
        var shape = Numbers(json.GetProperty("shape"));
        var bytes = _bytesOf.TryGetValue(dtype, out var size) ? size : throw new InvalidDataException($"tensor {name} has the unknown dtype {dtype}");
        var length = SafetensorsHeader.LengthOf(shape) ?? throw new InvalidDataException($"tensor {name} has the impossible shape [{string.Join(',', shape)}]");
        return Numbers(json.GetProperty("data_offsets")) is [>= 0 and var begin, var end] && end - begin == (long)length * bytes
            ? new Entry(name, dtype, shape, begin, end)
            : throw new InvalidDataException($"tensor {name} has data_offsets {json.GetProperty("data_offsets")}, which its shape and dtype {dtype} deny");
    }

    private static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];
}
