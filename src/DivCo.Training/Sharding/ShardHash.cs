using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DivCo.Training.Tasks;

namespace DivCo.Training.Sharding;

/// <summary>SHA-256 over all that a shard gives to an update: statistics, rows, and the buffer with gradient, norm statistics and terms.</summary>
internal static class ShardHash
{
    public static byte[] Of(ShardOutput output, ShardBuffer buffer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (output.Statistics is { } statistics)
        {
            hash.AppendData(MemoryMarshal.AsBytes(TensorMemory.Doubles(statistics)));
        }

        if (output.Rows is { } rows)
        {
            using var contiguous = rows.contiguous();
            hash.AppendData(MemoryMarshal.AsBytes(TensorMemory.Floats(contiguous)));
        }

        foreach (var piece in buffer.Pieces)
        {
            hash.AppendData(MemoryMarshal.AsBytes(piece.AsSpan()));
        }

        return hash.GetHashAndReset();
    }
}
