using System.Globalization;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// A compare-and-swap store in one folder, for any number of processes of one machine, any of which may be killed or paused at any moment.
/// A record is a folder; each version is a file "record.N" there, written once and never changed; the newest is the record.
/// </summary>
/// <remarks>
/// Version N + 1 is written to a temporary file named after N, and link(2) then gives it its name, which fails if the name is taken.
/// Old versions are removed only after every temporary file of an older base, in that order: a writer that slept while its base was
/// overtaken finds either the name taken or its own file gone, and never fills the gap that a removed version left. No lock is held,
/// so nobody ever waits for a paused process.
/// </remarks>
internal sealed class FolderStore
{
    private const int VersionsKept = 2;
    private const int MaxAttempts = 1000;
    private const string VersionPrefix = "record.";
    private const string TemporarySuffix = ".temp";
    private readonly string _root;
    private readonly int _maxRecordBytes;

    public FolderStore(FolderOptions options)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The embedded storage needs Linux: link(2), fsync of folders and file locks.");
        }

        if (string.IsNullOrWhiteSpace(options.Path))
        {
            throw new FolderStoreException("The data folder has no path. Give one with --data.");
        }

        _root = Path.GetFullPath(options.Path);
        _maxRecordBytes = options.MaxRecordBytes;
        try
        {
            Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new FolderStoreException($"The data folder '{_root}' cannot be made: {reason.Message}", reason);
        }
    }

    /// <summary>Reads the newest version of a record.</summary>
    public FolderRecord Read(RecordKey key)
    {
        var folder = Path.Combine(_root, key.RelativePath);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var version = NewestVersion(folder);
            if (version == 0)
            {
                return FolderRecord.Absent;
            }

            // Gone between listing and opening: then it is not the newest any more.
            if (RecordFile.TryRead(VersionPath(folder, version), version, _maxRecordBytes) is { } record)
            {
                return record;
            }
        }

        throw new FolderStoreException($"The record '{folder}' changed during each of {MaxAttempts} attempts to read it.");
    }

    /// <summary>
    /// Writes version <paramref name="expected"/> + 1 if <paramref name="expected"/> is the newest (0: none was ever written); null deletes.
    /// Returns false, and changes nothing, if another version came first. The new version is durable when this returns true.
    /// </summary>
    public bool TryWrite(RecordKey key, long expected, byte[]? value)
    {
        if (value?.Length > _maxRecordBytes)
        {
            throw new FolderStoreException($"The value of record '{key}' has {value.Length} bytes; at most {_maxRecordBytes} are allowed.");
        }

        var folder = MakeFolder(key);
        var temporary = Path.Combine(folder, $"{expected}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            RecordFile.Write(temporary, expected + 1, value);

            // Only now, with the temporary file in place, does finding the base newest mean that nobody can overtake unseen.
            if (NewestVersion(folder) != expected || !Libc.TryLink(temporary, VersionPath(folder, expected + 1)))
            {
                return false;
            }

            Libc.SyncFolder(folder);
        }
        finally
        {
            File.Delete(temporary);
        }

        CollectOldVersions(folder);
        return true;
    }

    private static void CollectOldVersions(string folder)
    {
        try
        {
            var newest = NewestVersion(folder);
            foreach (var file in Directory.EnumerateFiles(folder, "*" + TemporarySuffix).Where(file => BaseOf(file) < newest))
            {
                File.Delete(file);
            }

            foreach (var version in Versions(folder).Where(version => version <= newest - VersionsKept).Order())
            {
                File.Delete(VersionPath(folder, version));
            }
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // The write itself is durable; what is left lying is collected after the next one.
        }
    }

    private string MakeFolder(RecordKey key)
    {
        var folder = Path.Combine(_root, key.RelativePath);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Libc.SyncFolder(Path.GetDirectoryName(folder)!);
            Libc.SyncFolder(_root);
        }

        return folder;
    }

    private static long NewestVersion(string folder)
    {
        // A listing that runs beside writers may see neither what came nor what went; an empty one is believed when seen twice.
        var newest = Versions(folder).DefaultIfEmpty(0).Max();
        return newest > 0 ? newest : Versions(folder).DefaultIfEmpty(0).Max();
    }

    private static IEnumerable<long> Versions(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, VersionPrefix + "*").Select(file => Number(Path.GetFileName(file)[VersionPrefix.Length..])).Where(number => number > 0)
        : [];

    private static string VersionPath(string folder, long version) => Path.Combine(folder, $"{VersionPrefix}{version}");

    private static long BaseOf(string temporary) => Number(Path.GetFileName(temporary).Split('.')[0]);

    private static long Number(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
