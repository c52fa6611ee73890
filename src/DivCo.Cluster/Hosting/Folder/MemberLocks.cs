using System.Globalization;
using Microsoft.Extensions.Options;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// One locked file for each living silo. The kernel drops the lock when the process ends, however it ends, so on one machine a
/// free lock proves that the silo is dead; a paused silo keeps its lock.
/// </summary>
internal sealed class MemberLocks(IOptions<FolderOptions> options)
{
    private readonly string _folder = Path.Combine(Path.GetFullPath(options.Value.Path), "members");

    /// <summary>Locks the silo's file until the handle is disposed or the process dies.</summary>
    public FileStream Take(string name, SiloAddress silo)
    {
        Directory.CreateDirectory(_folder);
        try
        {
            var file = new FileStream(PathOf(name, silo), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return file;
        }
        catch (IOException reason)
        {
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

    private string PathOf(string name, SiloAddress silo) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{RecordKey.FileNameOf(name)}-{silo.Endpoint.Port}-{silo.Generation}.lock"));
}
