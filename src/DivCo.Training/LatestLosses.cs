using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DivCo.Training;

/// <summary>
/// What follows the canonical bytes of a state on its way to another worker: the losses of the newest step, which that worker reports
/// should it be rank 0. They decide nothing of the training and are not in the state's hash. Layout: length of the text (4 bytes,
/// little-endian), JSON, SHA-256 of the JSON (32 bytes).
/// </summary>
internal static class LatestLosses
{
    /// <summary>Bytes of a transfer without a text.</summary>
    public const int MinBytes = sizeof(int) + SHA256.HashSizeInBytes;

    /// <summary>Bound on what a damaged length can make a receiver allocate.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly JsonSerializerOptions _options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static byte[] Encode(IReadOnlyDictionary<string, double> losses)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, double>(losses.ToDictionary(), StringComparer.Ordinal), _options);
        var bytes = new byte[MinBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, sizeof(int));
        SHA256.HashData(json, bytes.AsSpan(sizeof(int) + json.Length));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Encode"/> makes.</exception>
    public static Dictionary<string, double> Decode(ReadOnlySpan<byte> bytes)
    {
        var json = bytes[sizeof(int)..^SHA256.HashSizeInBytes];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes) != json.Length || !SHA256.HashData(json).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
        {
            throw new InvalidDataException("The losses that came with the state do not have the length and SHA-256 that came with them: they were damaged on their way.");
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(json, _options) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The losses that came with the state cannot be read: {e.Message}", e);
        }
    }
}
