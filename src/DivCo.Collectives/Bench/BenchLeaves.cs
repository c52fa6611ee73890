using System.Runtime.InteropServices;

namespace DivCo.Collectives.Bench;

/// <summary>
/// What the ranks of a benchmark add up, and what must come out: the tree once more, in plain loops, element by element. Each operation turns the
/// buffers by another offset, so that a result left over from before is found.
/// </summary>
/// <param name="ranks">One shard each.</param>
/// <param name="length">Elements of a buffer.</param>
internal sealed class BenchLeaves(int ranks, int length)
{
    private const int Stride = 4099;

    private readonly float[] _expected = Sum(ranks, length);

    /// <summary>The buffer of one rank, before any turn.</summary>
    public static float[] Of(int rank, int length)
    {
        var leaf = new float[length];
        for (var i = 0; i < length; i++)
        {
            leaf[i] = Element(rank, i);
        }

        return leaf;
    }

    /// <summary>Copies a buffer as it stands in an operation.</summary>
    public static void Turn(ReadOnlySpan<float> leaf, int operation, Span<float> destination)
    {
        var offset = OffsetOf(operation, leaf.Length);
        leaf[offset..].CopyTo(destination);
        leaf[..offset].CopyTo(destination[^offset..]);
    }

    /// <summary>Whether a sum has the very bits that it must have in an operation.</summary>
    public bool IsSum(ReadOnlySpan<float> sum, int operation)
    {
        var offset = OffsetOf(operation, sum.Length);
        return Same(sum[..^offset], _expected.AsSpan(offset)) && Same(sum[^offset..], _expected.AsSpan(0, offset));
    }

    private static bool Same(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));

    private static float[] Sum(int ranks, int length)
    {
        var sum = new float[length];
        var values = new float[ranks];
        for (var i = 0; i < length; i++)
        {
            for (var rank = 0; rank < ranks; rank++)
            {
                values[rank] = Element(rank, i);
            }

            for (var width = 1; width < ranks; width *= 2)
            {
                for (var left = 0; left + width < ranks; left += 2 * width)
                {
                    values[left] += values[left + width];
                }
            }

            sum[i] = values[0];
        }

        return sum;
    }

    /// <summary>Magnitudes from 2^-8 to 2^7 and both signs: another order of additions gives other bits.</summary>
    private static float Element(int rank, int index)
    {
        var mixed = (uint)((index * 2654435761) ^ ((rank + 1) * 2246822519));
        mixed ^= mixed >> 15;
        mixed *= 2246822519;
        mixed ^= mixed >> 13;
        return MathF.ScaleB((int)mixed / (float)int.MaxValue, (int)(mixed >> 28) - 8);
    }

    private static int OffsetOf(int operation, int length) => (int)((long)operation * Stride % length);
}
