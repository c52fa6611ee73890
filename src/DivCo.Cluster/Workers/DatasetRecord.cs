using System.Text.Json;
using DivCo.Training.Data;

namespace DivCo.Cluster.Workers;

/// <summary>
/// The <c>dataset.json</c> of a trial: the SHA-256 of the data that the first worker found. Each server reads the data set on its own machine,
/// and workers with other images would train another model; so whoever finds other data refuses to take part, in the first run and in any
/// resumed one.
/// </summary>
internal sealed record DatasetRecord(string Name, string Sha256)
{
    private const int MaxBytes = 4096;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Records the data where nobody has, and compares with what is recorded.</summary>
    /// <exception cref="DatasetException">The trial trains on other data; names both.</exception>
    public static void Check(string path, Dataset dataset)
    {
        var mine = new DatasetRecord(dataset.Name, dataset.Sha256);
        var recorded = Read(path) ?? Write(path, mine);
        if (recorded != mine)
        {
            throw new DatasetException(
                $"dataset {mine.Name} has SHA-256 {mine.Sha256} on {Environment.MachineName}, but the trial trains on {recorded.Name} with {recorded.Sha256} ({path}); "
                + "give all servers the same files, or submit the sweep again to train on these.");
        }
    }

    private static DatasetRecord? Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? JsonSerializer.Deserialize<DatasetRecord>(File.ReadAllBytes(path), _json) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DatasetException($"{path} cannot be read: {e.Message} It holds the hash of the trial's data; remove it if the data is known to be the same.", e);
        }
    }

    /// <summary>Of several writers one wins, and all use what it wrote.</summary>
    private static DatasetRecord Write(string path, DatasetRecord mine)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, [.. JsonSerializer.SerializeToUtf8Bytes(mine, _json), (byte)'\n']);
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Output that cannot be written is told by the checkpoints, which the trial waits for; a check is no reason to fail.
            return mine;
        }

        return Read(path) ?? mine;
    }
}
