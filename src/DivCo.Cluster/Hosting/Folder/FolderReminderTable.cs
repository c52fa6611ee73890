using System.Globalization;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>All reminders of the cluster in one record.</summary>
internal sealed class FolderReminderTable(FolderStore store) : IReminderTable
{
    private readonly FolderDocument<ReminderDocument> _document = new(store, new RecordKey("reminders", "all"));

    public async Task<ReminderTableData> ReadRows(GrainId grainId) => new(await Rows(row => row.GrainId == grainId));

    public async Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        new(await Rows(row => InRange(row.GrainId.GetUniformHashCode(), begin, end)));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Rows(row => row.GrainId == grainId && row.ReminderName == reminderName)).SingleOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        var etag = 0L;
        await Task.Run(() => _document.TryChange(document =>
        {
            etag = ++document.LastETag;
            document.Rows.RemoveAll(row => row.Is(entry.GrainId, entry.ReminderName));
            document.Rows.Add(ReminderRow.Of(entry, etag));
            return true;
        }));
        return etag.ToString(CultureInfo.InvariantCulture);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.Run(() => _document.TryChange(document =>
        document.Rows.RemoveAll(row => row.Is(grainId, reminderName) && row.ETag.ToString(CultureInfo.InvariantCulture) == eTag) > 0));

    public Task TestOnlyClearTable() => Task.Run(() => _document.TryChange(document =>
    {
        document.Rows.Clear();
        return true;
    }));

    private async Task<List<ReminderEntry>> Rows(Func<ReminderEntry, bool> wanted)
    {
        var document = await Task.Run(_document.Read);
        return [.. document.Rows.Select(row => row.ToEntry()).Where(wanted)];
    }

    /// <summary>(begin, end] on the ring of hashes; begin at or above end wraps around.</summary>
    private static bool InRange(uint hash, uint begin, uint end) =>
        begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
}
