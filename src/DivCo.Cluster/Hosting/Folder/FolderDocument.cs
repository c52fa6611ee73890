using System.Text.Json;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>One record that holds a small JSON document, changed as a whole.</summary>
internal sealed class FolderDocument<T>(FolderStore store, RecordKey key) where T : class, new()
{
    private const int MaxAttempts = 1000;

    public T Read() => Parse(store.Read(key));

    /// <summary>
    /// Applies <paramref name="change"/> to the newest document and writes it, again and again while others write in between.
    /// A change that returns false leaves the document as it is; so does this, and returns false.
    /// </summary>
    public bool TryChange(Func<T, bool> change)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var record = store.Read(key);
            var document = Parse(record);
            if (!change(document))
            {
                return false;
            }

            if (store.TryWrite(key, record.Version, JsonSerializer.SerializeToUtf8Bytes(document, StateJson.Options)))
            {
                return true;
            }
        }

        throw new FolderStoreException($"The record '{key}' changed during each of {MaxAttempts} attempts to write it.");
    }

    private T Parse(FolderRecord record)
    {
        try
        {
            return record.Value is null ? new T() : JsonSerializer.Deserialize<T>(record.Value, StateJson.Options)!;
        }
        catch (JsonException reason)
        {
            throw new FolderStoreException($"The record '{key}', version {record.Version}, is not what this release can read: {reason.Message}", reason);
        }
    }
}
