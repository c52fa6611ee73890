using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DivCo.Collectives;

namespace DivCo.Training.Sharding;

/// <summary>A part of a sum over shards that one rank finished for all.</summary>
/// <param name="Name">In words.</param>
/// <param name="Owner">The rank.</param>
/// <param name="Hash">SHA-256 of the part as it came to this rank.</param>
/// <param name="SumAgain">A collective: sums the part on a rank of choice, and gives it its hash; null elsewhere.</param>
internal sealed record AuditedSum(string Name, int Owner, Func<byte[]> Hash, Func<Operation, int, byte[]?> SumAgain)
{
    /// <param name="stack">This rank's shards.</param>
    /// <param name="element">The part is the chunk that holds it.</param>
    /// <param name="sum">As the all-reduce gave it.</param>
    public static AuditedSum Of<T>(
        Communicator communicator, ShardStack<T> stack, int totalShards, int element, ReadOnlyMemory<T> sum, string name) where T : unmanaged, INumber<T>
    {
        var chunk = communicator.ChunkAt<T>(stack.Length, element);
        return new AuditedSum(
            $"the sum of {name}, elements {chunk.Start} to {chunk.Start + chunk.Length - 1}",
            chunk.Owner,
            () => HashOf(sum.Span.Slice(chunk.Start, chunk.Length)),
            (operation, root) => communicator.Reduce(operation, stack, totalShards, chunk, root) is { } again ? HashOf<T>(again) : null);
    }

    private static byte[] HashOf<T>(ReadOnlySpan<T> values) where T : unmanaged => SHA256.HashData(MemoryMarshal.AsBytes(values));
}
