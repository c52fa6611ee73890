using System.Text;
using DivCo.Cluster.Hosting.Folder;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class FolderStoreTests : IDisposable
{
    private static readonly RecordKey Key = new("test", "key");
    private readonly TemporaryFolder _folder = new();
    private readonly FolderStore _store;

    public FolderStoreTests() => _store = Open();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_record_is_read_as_it_was_last_written()
    {
        Assert.Equal(FolderRecord.Absent, _store.Read(Key));
        Assert.True(_store.TryWrite(Key, 0, Bytes("one")));
        Assert.True(_store.TryWrite(Key, 1, Bytes("two")));
        var record = Open().Read(Key);
        Assert.Equal(2, record.Version);
        Assert.Equal("two", Encoding.UTF8.GetString(record.Value!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(100)]
    public void A_write_on_any_version_but_the_newest_is_refused(long stale)
    {
        Write("a", "b", "c");
        Assert.False(_store.TryWrite(Key, stale, Bytes("lost")));
        Assert.Equal("c", Encoding.UTF8.GetString(_store.Read(Key).Value!));
    }

    [Fact]
    public void A_write_on_a_version_long_since_removed_is_refused()
    {
        Write([.. Enumerable.Range(0, 20).Select(i => $"{i}")]);
        Assert.DoesNotContain("record.5", Files());
        Assert.False(_store.TryWrite(Key, 4, Bytes("into the gap")));
        Assert.Equal(["record.19", "record.20"], Files());
    }

    [Fact]
    public void A_deleted_record_has_no_value_and_its_versions_go_on()
    {
        Write("a");
        Assert.True(_store.TryWrite(Key, 1, null));
        Assert.Equal(new FolderRecord(2, null), _store.Read(Key));
        Assert.False(_store.TryWrite(Key, 0, Bytes("b")));
        Assert.True(_store.TryWrite(Key, 2, Bytes("b")));
    }

    [Fact]
    public void Files_left_by_killed_writers_go_with_the_next_write()
    {
        Write("a", "b");
        File.WriteAllText(Path.Combine(RecordFolder, "1.left.temp"), "half");
        File.WriteAllText(Path.Combine(RecordFolder, "2.left.temp"), "");
        Assert.True(_store.TryWrite(Key, 2, Bytes("c")));
        Assert.Equal(["record.2", "record.3"], Files());
    }

    [Fact]
    public void A_damaged_record_is_refused_by_name_whichever_byte_it_is()
    {
        Write("a", "the value");
        var path = Path.Combine(RecordFolder, "record.2");
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var flipped = whole.ToArray();
            flipped[i] ^= 4;
            AssertDamaged(path, flipped);
            AssertDamaged(path, whole[..i]);
        }

        File.WriteAllBytes(path, whole);
        Assert.Equal(2, _store.Read(Key).Version);
    }

    [Fact]
    public void A_version_under_another_number_is_refused()
    {
        Write("a");
        File.Copy(Path.Combine(RecordFolder, "record.1"), Path.Combine(RecordFolder, "record.2"));
        Assert.Throws<FolderStoreException>(() => _store.Read(Key));
    }

    [Fact]
    public void Values_are_bounded()
    {
        var store = new FolderStore(new FolderOptions { Path = _folder.Path, MaxRecordBytes = 100 });
        Assert.True(store.TryWrite(Key, 0, new byte[100]));
        var refusal = Assert.Throws<FolderStoreException>(() => store.TryWrite(Key, 1, new byte[101]));
        Assert.Contains("test/key", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("at most 100", refusal.Message, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(RecordFolder, "record.2"), new byte[1000]);
        Assert.Throws<FolderStoreException>(() => store.Read(Key));
    }

    [Fact]
    public void An_unusable_folder_is_refused_by_name()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        Assert.Contains(file, Assert.Throws<FolderStoreException>(() => new FolderStore(new FolderOptions { Path = file })).Message, StringComparison.Ordinal);
        Assert.Contains("--data", Assert.Throws<FolderStoreException>(() => new FolderStore(new FolderOptions())).Message, StringComparison.Ordinal);
    }

    private string RecordFolder => Path.Combine(_folder.Path, "test", "key");

    private FolderStore Open() => new(new FolderOptions { Path = _folder.Path });

    private void Write(params string[] values)
    {
        foreach (var (i, value) in values.Index())
        {
            Assert.True(_store.TryWrite(Key, i, Bytes(value)));
        }
    }

    private void AssertDamaged(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        Assert.Contains($"'{path}' is damaged", Assert.Throws<FolderStoreException>(() => _store.Read(Key)).Message, StringComparison.Ordinal);
    }

    private IEnumerable<string> Files() => Directory.GetFiles(RecordFolder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
