using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DivCo.Training;

/// <summary>
/// What follows the canonical bytes of a state on its way to another worker: the losses of the newest updates and the newest reports, which that
/// worker makes should it be rank 0. They decide nothing of the training and are not in the state's hash. Layout: length of the text (4 bytes,
/// little-endian), JSON, SHA-256 of the JSON (32 bytes).
/// </summary>
/// <param name="Losses">Of the newest update of each kind, by metric name.</param>
/// <param name="Reports">Oldest first.</param>
internal sealed record LatestLosses(IReadOnlyDictionary<string, double> Losses, IReadOnlyList<StepReport> Reports)
{
    /// <summary>Bytes of a transfer without a text.</summary>
    public const int MinBytes = sizeof(int) + SHA256.HashSizeInBytes;

    /// <summary>Bound on what a damaged length can make a receiver allocate.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions _options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public byte[] Encode()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, _options);
        var bytes = new byte[MinBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, sizeof(int));
        SHA256.HashData(json, bytes.AsSpan(sizeof(int) + json.Length));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Encode"/> makes.</exception>
    public static LatestLosses Decode(ReadOnlySpan<byte> bytes)
    {
        var json = bytes[sizeof(int)..^SHA256.HashSizeInBytes];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes) != json.Length || !SHA256.HashData(json).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
        {
            throw new InvalidDataException("The losses that came with the state do not have the length and SHA-256 that came with them: they were damaged on their way.");
        }

        try
        {
            return JsonSerializer.Deserialize<LatestLosses>(json, _options) is { Losses: not null, Reports: not null } latest
                ? latest
                : throw new InvalidDataException("The losses that came with the state are not there.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The losses that came with the state cannot be read: {e.Message}", e);
        }
    }
}
