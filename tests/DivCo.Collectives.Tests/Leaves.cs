namespace DivCo.Collectives.Tests;

/// <summary>Buffers whose sums show every change of order: magnitudes from 1e-4 to 1e8, cancelling signs, and zeros of both signs.</summary>
internal static class Leaves
{
    public static float[][] Draw(int shards, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, shards).Select(_ => Enumerable.Range(0, length).Select(i => Element(random, i)).ToArray())];
    }

    public static int[] Bits(this float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private static float Element(Random random, int index) => (index % 4) switch
    {
        0 => -0.0f,
        1 => random.Next(2) == 0 ? -0.0f : 0.0f,
        _ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 9))),
    };
}
