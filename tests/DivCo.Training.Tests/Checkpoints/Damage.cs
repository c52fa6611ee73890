namespace DivCo.Training.Tests.Checkpoints;

/// <summary>What happens to files: a pure function of the content and a seed.</summary>
internal static class Damage
{
    private const string Characters = "0123456789{}[],:\" \n\tabcdefNaN-+.";

    /// <summary>Never the same bytes as before.</summary>
    public static byte[] Apply(byte[] sound, int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            byte[] damaged = Once(sound, random, seed % 7);
            if (!damaged.AsSpan().SequenceEqual(sound))
            {
                return damaged;
            }
        }
    }

    private static byte[] Once(byte[] sound, Random random, int kind)
    {
        byte[] bytes = [.. sound];
        int at = random.Next(sound.Length);
        int count = random.Next(1, Math.Min(sound.Length - at, 64) + 1);
        switch (kind)
        {
            case 0: // a flipped bit
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1: // truncated
                return bytes[..at];
            case 2: // torn: the tail was never written
                Array.Clear(bytes, at, bytes.Length - at);
                return bytes;
            case 3: // a block of noise
                random.NextBytes(bytes.AsSpan(at, count));
                return bytes;
            case 4: // lost bytes
                return [.. bytes[..at], .. bytes[(at + count)..]];
            case 5: // doubled bytes
                return [.. bytes[..(at + count)], .. bytes[at..]];
            default: // one character for another, so that JSON often stays JSON
                bytes[at] = (byte)Characters[random.Next(Characters.Length)];
                return bytes;
        }
    }
}
