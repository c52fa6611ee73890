using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>The two file system calls that .NET does not offer: an exclusive second name for a file, and a durable folder.</summary>
internal static partial class Libc
{
    private const int NoSuchEntry = 2;
    private const int AlreadyExists = 17;
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Gives <paramref name="file"/> the name <paramref name="name"/> too; false if that name is taken or the file is gone.</summary>
    public static bool TryLink(string file, string name)
    {
        if (Link(file, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is AlreadyExists or NoSuchEntry ? false : throw Failed("link", name, error);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        var descriptor = Open(folder, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            throw Failed("open", folder, Marshal.GetLastPInvokeError());
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw Failed("fsync", folder, Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static FolderStoreException Failed(string call, string path, int error)
    {
        var reason = new Win32Exception(error);
        return new FolderStoreException($"{call} of '{path}' failed: {reason.Message}.", reason);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
