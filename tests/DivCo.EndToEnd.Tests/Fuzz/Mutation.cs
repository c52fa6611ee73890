using System.Buffers.Binary;

namespace DivCo.EndToEnd.Tests.Fuzz;

/// <summary>Bytes that are nearly right, or not at all. All of it follows from the seed of <paramref name="chance"/>.</summary>
internal sealed class Mutation(Random chance)
{
    private const int MaxGarbage = 2048;

    /// <summary>The body of a gRPC request: messages with their prefixes, something of which is wrong.</summary>
    public byte[] Body(IReadOnlyList<byte[]> messages)
    {
        var body = messages.SelectMany(message => Framed(chance.Next(3) == 0 ? message : Mutate(message)));
        return chance.Next(6) switch
        {
            0 => Garbage(),
            1 => Mutate([.. body]),
            _ => [.. body],
        };
    }

    /// <summary>One to four changes.</summary>
    public byte[] Mutate(byte[] bytes)
    {
        for (var left = chance.Next(1, 5); left > 0; left--)
        {
            bytes = Once(bytes);
        }

        return bytes;
    }

    public byte[] Garbage()
    {
        var bytes = new byte[chance.Next(MaxGarbage)];
        chance.NextBytes(bytes);
        return bytes;
    }

    /// <summary>With gRPC's prefix: not compressed, and a length, which lies now and then.</summary>
    private byte[] Framed(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = chance.Next(20) == 0 ? (byte)chance.Next(256) : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), chance.Next(20) == 0 ? (uint)chance.NextInt64(uint.MaxValue) : (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private byte[] Once(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return Garbage();
        }

        var (at, copy) = (chance.Next(bytes.Length), (byte[])bytes.Clone());
        switch (chance.Next(7))
        {
            case 0:
                copy[at] ^= (byte)(1 << chance.Next(8));
                return copy;
            case 1:
                copy[at] = (byte)chance.Next(256);
                return copy;
            case 2:
                return copy[..at];
            case 3:
                return [.. copy[..at], .. copy[Math.Min(copy.Length, at + chance.Next(1, 9))..]];
            case 4:
                return [.. copy[..at], .. Garbage().Take(chance.Next(64)), .. copy[at..]];
            case 5:
                // A varint without end, or of the largest number.
                return [.. copy[..at], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, .. copy[at..]];
            default:
                // A piece of itself again, nested as deep as it goes.
                return [.. copy[..at], .. Enumerable.Repeat(copy[at], chance.Next(300)), .. copy[at..]];
        }
    }
}
