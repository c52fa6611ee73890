using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// One version of a record as a file: the line "divco-record 1 VERSION value|deleted LENGTH SHA256", then the value.
/// The checksum covers the words before it and the value, so a torn, altered or renamed file is known as such.
/// </summary>
internal static class RecordFile
{
    private const string Magic = "divco-record 1";
    private const int MaxHeaderBytes = 160;

    /// <summary>Writes a new file and makes its content durable. A null value marks the record as deleted.</summary>
    public static void Write(string path, long version, byte[]? value)
    {
        var words = Words(version, value);
        var header = Encoding.ASCII.GetBytes($"{words} {Checksum(words, value)}\n");
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, header, 0);
        RandomAccess.Write(file, value, header.Length);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Reads one version; null if the file is gone.</summary>
    /// <exception cref="FolderStoreException">The file is damaged or too large; the message names it.</exception>
    public static FolderRecord? TryRead(string path, long version, int maxValueBytes)
    {
        byte[] bytes;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            if (length > maxValueBytes + MaxHeaderBytes)
            {
                throw Damaged(path, $"it has {length} bytes, more than the allowed {maxValueBytes}");
            }

            bytes = new byte[length];
            var read = 0;
            for (int more; read < bytes.Length && (more = RandomAccess.Read(file, bytes.AsSpan(read), read)) > 0;)
            {
                read += more;
            }
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var end = Array.IndexOf(bytes, (byte)'\n', 0, Math.Min(bytes.Length, MaxHeaderBytes));
        var words = end < 0 ? [] : Encoding.ASCII.GetString(bytes, 0, end).Split(' ');
        if (words.Length != 6 || $"{words[0]} {words[1]}" != Magic)
        {
            throw Damaged(path, "it does not begin with a record's header");
        }

        var value = words[3] == "deleted" ? null : bytes[(end + 1)..];
        var expected = Words(version, value);
        return string.Join(' ', words[..5]) == expected && words[5] == Checksum(expected, value)
            ? new FolderRecord(version, value)
            : throw Damaged(path, "its content does not match its header and checksum");
    }

    private static string Words(long version, byte[]? value) => string.Create(
        CultureInfo.InvariantCulture, $"{Magic} {version} {(value is null ? "deleted" : "value")} {value?.Length ?? 0}");

    private static string Checksum(string words, byte[]? value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(words));
        hash.AppendData(value ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static FolderStoreException Damaged(string path, string reason) => new(
        $"The record file '{path}' is damaged: {reason}. Restore it from a backup, or remove it to go back to the version before it.");
}
