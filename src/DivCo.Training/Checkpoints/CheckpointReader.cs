using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Checkpoints;

/// <summary>Reads one checkpoint folder and proves every byte of it; trusts nothing it finds.</summary>
internal static class CheckpointReader
{
    public const string WeightsFile = "weights.safetensors";
    public const string OptimizerFile = "optimizer.safetensors";
    public const string TrialFile = "trial.json";
    public const string ManifestFile = "manifest.json";

    private const int MaxManifestBytes = 1 << 20;
    private const int MaxTrialBytes = 1 << 20;

    /// <summary>The manifest, proven against the folder's name, the trial and, if given, the hash that was promised for it.</summary>
    /// <param name="anyName">Whether the folder may be a copy with a name of its own.</param>
    public static (CheckpointManifest Manifest, string Sha256) ReadManifest(string folder, string trialHash, string? manifestSha256, bool anyName = false)
    {
        string path = Path.Combine(folder, ManifestFile);
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(CheckpointFault.Missing, folder, "there is no such checkpoint folder");
        }

        bool isNamed = CheckpointName.TryParse(Path.GetFileName(folder), out int step, out uint epoch);
        if (!isNamed && !anyName)
        {
            throw new CheckpointException(CheckpointFault.Foreign, folder, "the folder's name is not that of a checkpoint, such as step-000200-e8");
        }

        (CheckpointManifest manifest, string sha256) = Read(path, (file, length) =>
        {
            if (length > MaxManifestBytes)
            {
                throw new InvalidDataException($"manifest has {length} bytes; at most {MaxManifestBytes} are allowed");
            }

            byte[] bytes = new byte[length];
            file.ReadExactly(bytes);
            return CheckpointManifest.Decode(bytes);
        });

        if (manifestSha256 is not null && sha256 != manifestSha256)
        {
            throw new CheckpointException(CheckpointFault.Foreign, path, $"has SHA-256 {sha256}, but {manifestSha256} was recorded for this checkpoint");
        }

        CheckFacts(path, manifest, isNamed ? (step, epoch) : null, trialHash);
        return (manifest, sha256);
    }

    /// <summary>Hashes <paramref name="name"/> without reading it as tensors.</summary>
    public static void VerifyFile(string folder, string name, CheckpointManifest manifest) =>
        ReadFile(folder, name, manifest, (file, _) =>
        {
            file.CopyTo(Stream.Null);
            return true;
        });

    /// <summary>The tensors of <paramref name="name"/>; the bytes that are read are the bytes that are hashed.</summary>
    public static IReadOnlyList<TensorRecord> ReadTensors(string folder, string name, CheckpointManifest manifest) =>
        ReadFile(folder, name, manifest, Safetensors.Read);

    /// <summary>The text of <see cref="TrialFile"/>; null where the checkpoint has none.</summary>
    public static string? ReadTrial(string folder, CheckpointManifest manifest) => !manifest.Files.ContainsKey(TrialFile) ? null
        : ReadFile(folder, TrialFile, manifest, (file, length) =>
        {
            if (length > MaxTrialBytes)
            {
                throw new InvalidDataException($"has {length} bytes; at most {MaxTrialBytes} are allowed");
            }

            byte[] bytes = new byte[length];
            file.ReadExactly(bytes);
            return Encoding.UTF8.GetString(bytes);
        });

    private static T ReadFile<T>(string folder, string name, CheckpointManifest manifest, Func<Stream, long, T> read)
    {
        string path = Path.Combine(folder, name);
        CheckpointFile expected = manifest.Files[name];
        (T value, string sha256) = Read(path, (file, length) => length == expected.Bytes
            ? read(file, length)
            : throw new InvalidDataException($"has {length} bytes, but the manifest says {expected.Bytes}"));
        return sha256 == expected.Sha256
            ? value
            : throw new CheckpointException(CheckpointFault.Damaged, path, $"has SHA-256 {sha256}, but the manifest says {expected.Sha256}");
    }

    private static (T Value, string Sha256) Read<T>(string path, Func<Stream, long, T> read)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20);
            using var sha = SHA256.Create();
            using var hashing = new CryptoStream(file, sha, CryptoStreamMode.Read);
            T value = read(hashing, file.Length);
            return hashing.ReadByte() < 0
                ? (value, Convert.ToHexStringLower(sha.Hash!))
                : throw new InvalidDataException("file is longer than its size when it was opened");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(CheckpointFault.Missing, path, "the file is missing", e);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new CheckpointException(CheckpointFault.Damaged, path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointFault.Storage, path, $"cannot be read: {e.Message}", e);
        }
    }

    private static void CheckFacts(string path, CheckpointManifest manifest, (int Step, uint Epoch)? name, string trialHash)
    {
        int known = manifest.Files.ContainsKey(TrialFile) ? 3 : 2;
        if (manifest.Files.Count != known || !manifest.Files.ContainsKey(WeightsFile) || !manifest.Files.ContainsKey(OptimizerFile))
        {
            throw new CheckpointException(CheckpointFault.Damaged, path, $"must list exactly {WeightsFile}, {OptimizerFile} and, in this release, {TrialFile}");
        }

        string weights = manifest.Files[WeightsFile].Sha256;
        if (manifest.WeightsSha256 != weights || manifest.StateSha256 != CheckpointManifest.StateHash(weights, manifest.Files[OptimizerFile].Sha256, manifest.Step))
        {
            throw new CheckpointException(CheckpointFault.Damaged, path, "weights_sha256 or state_sha256 does not follow from the files and the step");
        }

        if (name is { } named && named != (manifest.Step, manifest.Epoch))
        {
            throw new CheckpointException(CheckpointFault.Foreign, path, $"is of step {manifest.Step}, epoch {manifest.Epoch}, which the folder's name denies");
        }

        if (manifest.TrialHash != trialHash)
        {
            throw new CheckpointException(CheckpointFault.Foreign, path, $"is of another trial ({manifest.TrialId}, trial_hash {manifest.TrialHash}, not {trialHash})");
        }
    }
}
