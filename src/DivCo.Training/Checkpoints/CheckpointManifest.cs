using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DivCo.Training.Checkpoints;

/// <summary>Size and SHA-256 (lower-case hex) of one file of a checkpoint.</summary>
public sealed record CheckpointFile(string Sha256, long Bytes);

/// <summary>
/// <c>manifest.json</c>, written last: what the checkpoint is, and the proof of each of its files.
/// </summary>
/// <param name="FormatVersion">Of this file; 1.</param>
/// <param name="TrialId">Such as <c>fashion-tau/3</c>.</param>
/// <param name="TrialHash">SHA-256 of the resolved trial: only that trial may resume from here.</param>
/// <param name="Step">Steps completed.</param>
/// <param name="Epoch">Quorum epoch that wrote it.</param>
/// <param name="Metrics">By metric name; may hold NaN and infinities.</param>
/// <param name="Files">By file name.</param>
/// <param name="WeightsSha256">SHA-256 of the file weights.safetensors.</param>
/// <param name="StateSha256">SHA-256 of all that decides the further training: see <see cref="StateHash"/>.</param>
/// <param name="HardwareClass">On whose bits it was trained; resuming on another is inexact.</param>
/// <param name="WrittenAt">UTC.</param>
/// <param name="ContentSha256">SHA-256 of this manifest's JSON with this member empty, so that an altered metric is noticed as well.</param>
/// <param name="DatasetSha256">Of the data set trained on; absent from checkpoints of earlier releases.</param>
public sealed record CheckpointManifest(
    int FormatVersion,
    string TrialId,
    string TrialHash,
    int Step,
    uint Epoch,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, CheckpointFile> Files,
    string WeightsSha256,
    string StateSha256,
    string HardwareClass,
    DateTimeOffset WrittenAt,
    string ContentSha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DatasetSha256 = null)
{
    internal const int CurrentFormatVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>SHA-256 over the ASCII lines <c>weights=HEX</c>, <c>optimizer=HEX</c>, <c>step=N</c>, each ended by a line feed.</summary>
    public static string StateHash(string weightsSha256, string optimizerSha256, int step) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"weights={weightsSha256}\noptimizer={optimizerSha256}\nstep={step}\n")));

    /// <summary>The same manifest with its own hash filled in.</summary>
    internal CheckpointManifest Sealed() => this with { ContentSha256 = HashOfContent() };

    /// <summary>The one encoding: indented JSON in UTF-8, members in the order above, ended by a line feed.</summary>
    internal byte[] Encode() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];

    /// <summary>Reads what <see cref="Encode"/> wrote, and nothing else.</summary>
    /// <exception cref="InvalidDataException">Says what is wrong.</exception>
    internal static CheckpointManifest Decode(ReadOnlySpan<byte> bytes)
    {
        CheckpointManifest manifest;
        try
        {
            CheckVersion(JsonSerializer.Deserialize<JsonElement>(bytes));
            manifest = JsonSerializer.Deserialize<CheckpointManifest>(bytes, Json) ?? throw new InvalidDataException("manifest is null");
            if (!bytes.SequenceEqual(manifest.Encode()) || manifest.ContentSha256 != manifest.HashOfContent())
            {
                throw new InvalidDataException("manifest was altered: its content_sha256 or its layout does not fit its content");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"manifest is not valid JSON of a checkpoint: {e.Message}", e);
        }

        return manifest;
    }

    private static void CheckVersion(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("format_version", out JsonElement version) || version.ValueKind != JsonValueKind.Number)
        {
            throw new InvalidDataException("manifest has no format_version");
        }

        if (!version.TryGetInt32(out int number) || number != CurrentFormatVersion)
        {
            throw new InvalidDataException($"manifest has format_version {version}; this release reads {CurrentFormatVersion}");
        }
    }

    private string HashOfContent() => Convert.ToHexStringLower(SHA256.HashData((this with { ContentSha256 = "" }).Encode()));
}
