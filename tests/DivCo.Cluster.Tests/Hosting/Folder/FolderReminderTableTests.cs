using DivCo.Cluster.Hosting.Folder;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class FolderReminderTableTests : IDisposable
{
    private static readonly GrainId[] Grains = [.. Enumerable.Range(0, 20).Select(i => GrainId.Create("sweep", $"{i}"))];
    private readonly TemporaryFolder _folder = new();
    private readonly FolderReminderTable _table;

    public FolderReminderTableTests() => _table = new FolderReminderTable(new FolderStore(new FolderOptions { Path = _folder.Path }));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reminder_comes_back_as_it_was_registered()
    {
        var entry = Entry(Grains[0], "tick");
        var etag = await _table.UpsertRow(entry);
        var read = await _table.ReadRow(Grains[0], "tick");
        Assert.NotNull(read);
        Assert.Equal((entry.GrainId, entry.ReminderName, entry.StartAt, entry.Period, etag), (read.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
        Assert.Null(await _table.ReadRow(Grains[0], "other"));
    }

    [Fact]
    public async Task Only_the_newest_ETag_removes_a_reminder()
    {
        var old = await _table.UpsertRow(Entry(Grains[0], "tick"));
        var etag = await _table.UpsertRow(Entry(Grains[0], "tick"));
        await _table.UpsertRow(Entry(Grains[1], "tick"));
        Assert.False(await _table.RemoveRow(Grains[0], "tick", old!));
        Assert.True(await _table.RemoveRow(Grains[0], "tick", etag!));
        Assert.False(await _table.RemoveRow(Grains[0], "tick", etag!));
        Assert.Single((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task Ranges_split_the_ring_and_wrap_around()
    {
        foreach (var grain in Grains)
        {
            await _table.UpsertRow(Entry(grain, "tick"));
        }

        var hashes = Grains.Select(grain => grain.GetUniformHashCode()).Order().ToList();
        var (low, high) = (hashes[5], hashes[12]);
        Assert.Equal(7, (await _table.ReadRows(low, high)).Reminders.Count);
        Assert.Equal(13, (await _table.ReadRows(high, low)).Reminders.Count);
        Assert.Equal(20, (await _table.ReadRows(low, low)).Reminders.Count);
    }

    private static ReminderEntry Entry(GrainId grain, string name) => new()
    {
        GrainId = grain,
        ReminderName = name,
        StartAt = new DateTime(2026, 11, 23, 1, 2, 3, 456, DateTimeKind.Utc),
        Period = TimeSpan.FromSeconds(90.5),
    };
}
