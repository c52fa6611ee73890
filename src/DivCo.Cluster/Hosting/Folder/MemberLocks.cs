using System.Globalization;
using Microsoft.Extensions.Options;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// Two locked files for each living silo: one for its name, of which there is one silo at a time, and one for this life of it. The kernel
/// drops the locks when the process ends, however it ends, so on one machine a free lock proves that the silo is dead; a paused silo
/// keeps its locks.
/// </summary>
internal sealed class MemberLocks(IOptions<FolderOptions> options)
{
    private const int WouldBlock = 11; // errno of a lock that another holds
    private readonly string _folder = Path.Combine(Path.GetFullPath(options.Value.Path), "members");

    /// <summary>Locks the silo's files until the handle is disposed or the process dies.</summary>
    /// <exception cref="FolderStoreException">A living silo has the name already, or the folder cannot be written.</exception>
    public IDisposable Take(string name, SiloAddress silo)
    {
        FileStream? nameLock = null;
        try
        {
            Directory.CreateDirectory(_folder);
            nameLock = TakeName(name);
            return new MemberLock(nameLock, new FileStream(PathOf(name, silo), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (Exception reason) when (reason is IOException and not FolderStoreException or UnauthorizedAccessException)
        {
            nameLock?.Dispose();
            throw new FolderStoreException($"The lock of silo '{name}' ({silo}) in '{_folder}' cannot be taken: {reason.Message}", reason);
        }
    }

    /// <summary>Whether a living process holds the silo's lock.</summary>
    public bool IsHeld(string name, SiloAddress silo)
    {
        try
        {
            // Shared, so that two who ask at once do not take each other for the silo.
            using var free = File.OpenHandle(PathOf(name, silo), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Removes the file that a killed silo left behind.</summary>
    public void Forget(string name, SiloAddress silo) => File.Delete(PathOf(name, silo));

    /// <summary>The file of a name is never removed: whoever opened it before would lock what nobody else can find.</summary>
    private FileStream TakeName(string name)
    {
        var path = Path.Combine(_folder, $"{RecordKey.FileNameOf(name)}.name");
        var holder = path + ".pid"; // beside it, as a locked file cannot be read
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return file;
        }
        catch (IOException reason) when (reason.HResult == WouldBlock)
        {
            var process = File.Exists(holder) ? $" (process {File.ReadAllText(holder)})" : "";
            throw new FolderStoreException(
                $"A silo named '{name}' is already running here{process}. Stop it first, or give this one another name with --name.", reason);
        }
    }

    private string PathOf(string name, SiloAddress silo) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{RecordKey.FileNameOf(name)}-{silo.Endpoint.Port}-{silo.Generation}.lock"));

    private sealed record MemberLock(FileStream Name, FileStream Life) : IDisposable
    {
        public void Dispose()
        {
            Life.Dispose();
            Name.Dispose();
        }
    }
}
