using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DivCo.Training.Checkpoints;

/// <summary>Files and folders that survive a power cut once a call has returned.</summary>
internal static partial class DurableFiles
{
    private const int ReadOnlyFolder = 0x10000; // O_RDONLY | O_DIRECTORY on Linux
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes a new file through <paramref name="write"/> and to the device; returns its size and hash.</summary>
    public static CheckpointFile Write(string path, Action<Stream> write)
    {
        using FileStream file = Create(path, FileOptions.None);
        using var sha = SHA256.Create();
        using (var hashing = new CryptoStream(file, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            write(hashing);
        }

        file.Flush(flushToDisk: true);
        return new CheckpointFile(Convert.ToHexStringLower(sha.Hash!), file.Length);
    }

    /// <summary>A file that must not exist yet, locked as long as it is open.</summary>
    public static FileStream Create(string path, FileOptions options) =>
        new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, options);

    /// <summary>Makes <paramref name="folder"/> and what is missing above it, each name durable in its parent.</summary>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } parent)
        {
            return;
        }

        CreateFolder(parent);
        Directory.CreateDirectory(folder);
        Flush(parent);
    }

    /// <summary>Makes the names in <paramref name="folder"/> durable: without this a file can be lost although its content is on the device.</summary>
    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        int descriptor = Open(folder, ReadOnlyFolder);
        if (descriptor < 0)
        {
            throw Failed("open");
        }

        try
        {
            if (Synchronise(descriptor) != 0)
            {
                throw Failed("fsync");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of the folder failed: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
