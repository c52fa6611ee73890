using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace DivCo.Training.Data;

/// <summary>
/// A file of unsigned bytes in IDX form (magic 0, 0, 8, rank; each size as a big-endian int32; the elements), gzipped or plain.
/// Source: the format's description by LeCun, Cortes and Burges beside the MNIST data.
/// </summary>
/// <param name="Path">The file that was read.</param>
/// <param name="Sizes">Outermost first.</param>
/// <param name="Elements">Row-major.</param>
/// <param name="Sha256">Of the decompressed file, lower-case hex.</param>
internal sealed record IdxFile(string Path, int[] Sizes, ReadOnlyMemory<byte> Elements, string Sha256)
{
    private const byte UnsignedByte = 8;

    /// <summary>Reads <paramref name="path"/>.gz or, where there is none, <paramref name="path"/>.</summary>
    /// <param name="expectedSha256">Checked before the content is looked at.</param>
    /// <param name="fix">What to do about a damaged file, for the message.</param>
    /// <exception cref="DatasetException">Unreadable or damaged: names the file.</exception>
    public static IdxFile Read(string path, long maxBytes, string expectedSha256, string fix)
    {
        string file = File.Exists(path + ".gz") ? path + ".gz" : path;
        byte[] bytes;
        try
        {
            bytes = ReadBytes(file, maxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DatasetException($"{file} cannot be read: {e.Message} {fix}", e);
        }

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (sha256 != expectedSha256)
        {
            throw new DatasetException($"{file} is damaged: SHA-256 of the decompressed file: expected {expectedSha256}, found {sha256}. {fix}");
        }

        int rank = bytes.Length >= 4 && bytes.AsSpan(0, 3).SequenceEqual<byte>([0, 0, UnsignedByte]) ? bytes[3] : 0;
        int header = 4 + (4 * rank);
        if (rank == 0 || bytes.Length < header)
        {
            throw new DatasetException($"{file} is not an IDX file of unsigned bytes. {fix}");
        }

        int[] sizes = [.. Enumerable.Range(1, rank).Select(i => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 * i)))];
        return sizes.Aggregate(1L, (product, size) => product * size) == bytes.Length - header
            ? new IdxFile(file, sizes, bytes.AsMemory(header), sha256)
            : throw new DatasetException($"{file} has {bytes.Length - header} elements, which its sizes ({string.Join(" x ", sizes)}) deny. {fix}");
    }

    private static byte[] ReadBytes(string file, long maxBytes)
    {
        using FileStream raw = File.OpenRead(file);
        using Stream stream = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var bytes = new MemoryStream();
        byte[] block = new byte[1 << 16];
        for (int read = stream.Read(block); read > 0; read = stream.Read(block))
        {
            if (bytes.Length + read > maxBytes)
            {
                throw new InvalidDataException($"it holds more than the {maxBytes} bytes of the right file.");
            }

            bytes.Write(block, 0, read);
        }

        return bytes.ToArray();
    }
}
