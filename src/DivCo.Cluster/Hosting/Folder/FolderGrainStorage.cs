using System.Globalization;
using System.Text.Json;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>Grain state as JSON records; the ETag is the record's version, so of two activations only one can write.</summary>
internal sealed class FolderGrainStorage(FolderStore store, IActivatorProvider activators) : IGrainStorage
{
    private const string Table = "state";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = KeyOf(stateName, grainId);
        var record = await Task.Run(() => store.Read(key));
        try
        {
            grainState.State = record.Value is null ? New<T>() : JsonSerializer.Deserialize<T>(record.Value, StateJson.Options)!;
        }
        catch (JsonException reason)
        {
            throw new FolderStoreException(
                $"The state '{stateName}' of grain {grainId} (record '{key}', version {record.Version}) is not what this release can read: {reason.Message}", reason);
        }

        grainState.ETag = record.Version == 0 ? null : ETagOf(record.Version);
        grainState.RecordExists = record.Value is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.ETag = await Write(stateName, grainId, grainState.ETag, JsonSerializer.SerializeToUtf8Bytes(grainState.State, StateJson.Options));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // The deleted mark stays, so that a version number, and with it an ETag, is never used twice.
        grainState.ETag = await Write(stateName, grainId, grainState.ETag, null);
        grainState.State = New<T>();
        grainState.RecordExists = false;
    }

    private async Task<string> Write(string stateName, GrainId grainId, string? etag, byte[]? value)
    {
        var key = KeyOf(stateName, grainId);
        var expected = string.IsNullOrEmpty(etag) ? 0 : long.Parse(etag, NumberStyles.None, CultureInfo.InvariantCulture);
        if (await Task.Run(() => store.TryWrite(key, expected, value)))
        {
            return ETagOf(expected + 1);
        }

        var newest = ETagOf(await Task.Run(() => store.Read(key).Version));
        throw new InconsistentStateException(
            $"The state '{stateName}' of grain {grainId} is at version {newest}, but this activation knows version {expected}: another activation wrote it.",
            newest, etag);
    }

    private static RecordKey KeyOf(string stateName, GrainId grainId) => new(Table, $"{stateName}/{grainId}");

    private static string ETagOf(long version) => version.ToString(CultureInfo.InvariantCulture);

    private T New<T>() => activators.GetActivator<T>().Create();
}
