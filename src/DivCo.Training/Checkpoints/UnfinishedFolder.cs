namespace DivCo.Training.Checkpoints;

/// <summary>
/// A folder that is being written or deleted under a name that nobody reads. A lock file beside it is held for as long as its process works on
/// it, so that what a killed process left can be told from what is still in work, in this process or another.
/// </summary>
internal sealed class UnfinishedFolder : IDisposable
{
    private const string WritingPrefix = ".writing-";
    private const string DeletingPrefix = ".deleting-";
    private const string LockSuffix = ".lock";

    private readonly FileStream _alive;

    private UnfinishedFolder(string path, FileStream alive) => (Path, _alive) = (path, alive);

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>An empty folder in <paramref name="root"/> that will be called <paramref name="name"/>.</summary>
    public static UnfinishedFolder Create(string root, string name)
    {
        string path = System.IO.Path.Combine(root, $"{WritingPrefix}{name}-{Guid.NewGuid():N}");
        FileStream alive = DurableFiles.Create(path + LockSuffix, FileOptions.DeleteOnClose);
        try
        {
            Directory.CreateDirectory(path);
            return new UnfinishedFolder(path, alive);
        }
        catch
        {
            alive.Dispose();
            throw;
        }
    }

    /// <summary>Gives the folder its name for good; false where that name is taken.</summary>
    public bool TryPublish(string final)
    {
        DurableFiles.Flush(Path);
        try
        {
            // Refuses an existing name, and rename(2) itself replaces no folder that holds anything.
            Directory.Move(Path, final);
        }
        catch (IOException) when (Directory.Exists(final))
        {
            return false;
        }

        DurableFiles.Flush(System.IO.Path.GetDirectoryName(final)!);
        return true;
    }

    /// <summary>Deletes what was not published.</summary>
    public void Dispose()
    {
        Remove(Path);
        _alive.Dispose();
    }

    /// <summary>Takes the folder at <paramref name="path"/> away under another name first, so that no half of it is ever seen; then deletes it.</summary>
    public static void Delete(string path)
    {
        string root = System.IO.Path.GetDirectoryName(path)!;
        string deleting = System.IO.Path.Combine(root, $"{DeletingPrefix}{Guid.NewGuid():N}");
        Directory.Move(path, deleting);
        DurableFiles.Flush(root);
        Remove(deleting);
    }

    /// <summary>Removes from <paramref name="root"/> what killed processes left, and nothing else.</summary>
    public static void RemoveAbandoned(string root)
    {
        IEnumerable<string> writing = Directory.GetFileSystemEntries(root, WritingPrefix + "*")
            .Select(path => path.EndsWith(LockSuffix, StringComparison.Ordinal) ? path[..^LockSuffix.Length] : path)
            .Distinct();
        foreach (string path in writing)
        {
            RemoveUnlessAlive(path);
        }

        foreach (string path in Directory.GetDirectories(root, DeletingPrefix + "*"))
        {
            Remove(path);
        }
    }

    private static void RemoveUnlessAlive(string path)
    {
        try
        {
            using var unheld = new FileStream(
                path + LockSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            if (Directory.Exists(path))
            {
                // By way of another name: where locks do not work, a live writer can still not publish a half folder.
                Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its writer holds the lock, or has just finished, or nothing can be deleted here.
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only space is lost, and the next start tries again.
        }
    }
}
