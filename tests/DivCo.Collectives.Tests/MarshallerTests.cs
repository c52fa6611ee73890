using System.Buffers;
using CsCheck;
using DivCo.Collectives.Links;
using Google.Protobuf;
using Grpc.Core;
using Proto = DivCo.Protocol.Exchange.V1;

namespace DivCo.Collectives.Tests;

/// <summary>The hand-written marshaller against the generated classes, which are the definition.</summary>
public sealed class MarshallerTests
{
    private static readonly Gen<Proto.ExchangeMessage> Messages =
        from numbers in Gen.Int.Array[9]
        from update in Gen.Long
        from hash in Gen.ULong
        from texts in Gen.String[0, 40].Array[2]
        from payload in Gen.Byte.Array[0, 3000]
        select new Proto.ExchangeMessage
        {
            Kind = (Proto.MessageKind)numbers[0],
            Epoch = (uint)numbers[1],
            QuorumHash = hash,
            Update = update,
            Bucket = numbers[2],
            Chunk = numbers[3],
            NodeStart = numbers[4],
            NodeSize = numbers[5],
            ElementType = (Proto.ElementType)numbers[6],
            TrialId = Printable(texts[0]),
            FromRank = numbers[7],
            ToRank = numbers[8],
            Reason = Printable(texts[1]),
            Payload = ByteString.CopyFrom(payload),
        };

    [Fact]
    public void What_the_generated_classes_write_is_read_and_what_we_write_they_read() =>
        Messages.Sample(message =>
        {
            var read = ExchangeMarshaller.Read(new ReadOnlySequence<byte>(message.ToByteArray()));
            return Proto.ExchangeMessage.Parser.ParseFrom(Write(read)).Equals(message);
        });

    [Fact]
    public void A_message_may_lie_scattered_over_socket_blocks() =>
        Gen.Select(Messages, Gen.Int[1, 50]).Sample((message, block) =>
            Proto.ExchangeMessage.Parser.ParseFrom(Write(ExchangeMarshaller.Read(Scatter(message.ToByteArray(), block)))).Equals(message));

    [Fact]
    public void Fields_of_a_later_release_are_skipped()
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(new Proto.ExchangeMessage { Chunk = 7 }.ToByteArray());
        bytes.Write<byte>([0x80, 0x08, 5, 0x8a, 0x08, 2, 1, 2, 0x91, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x9d, 0x08, 1, 2, 3, 4]);
        Assert.Equal(7, ExchangeMarshaller.Read(new ReadOnlySequence<byte>(bytes.WrittenMemory)).Chunk);
    }

    [Fact]
    public void Any_bytes_are_a_message_or_refused_by_name() =>
        Gen.Byte.Array[0, 200].Sample(Survives);

    [Fact]
    public void Any_damage_to_a_message_is_a_message_or_refused_by_name() =>
        Gen.Select(Messages, Gen.Int, Gen.Byte, Gen.Int).Sample((message, at, value, end) =>
        {
            var bytes = message.ToByteArray();
            if (bytes.Length == 0)
            {
                return true;
            }

            bytes[(uint)at % bytes.Length] = value;
            return Survives(bytes[..(int)((uint)end % bytes.Length)]);
        });

    [Fact]
    public void Fields_are_bounded()
    {
        AssertRefused(new Proto.ExchangeMessage { Payload = ByteString.CopyFrom(new byte[Payload.MaxBytes + 1]) });
        AssertRefused(new Proto.ExchangeMessage { TrialId = new string('x', 2000) });

        // A long reason is cut, not refused: it is ours.
        var leave = ExchangeMessage.Leave(Ranks.LocalQuorum(1), new string('é', 5000));
        Assert.InRange(ExchangeMarshaller.Read(new ReadOnlySequence<byte>(Write(leave))).Reason.Length, 100, 512);
    }

    private static void AssertRefused(Proto.ExchangeMessage message) =>
        Assert.Contains("allowed", Assert.Throws<InvalidDataException>(() => ExchangeMarshaller.Read(new ReadOnlySequence<byte>(message.ToByteArray()))).Message);

    private static bool Survives(byte[] bytes)
    {
        try
        {
            ExchangeMarshaller.Read(new ReadOnlySequence<byte>(bytes));
        }
        catch (InvalidDataException)
        {
        }

        return true;
    }

    private static string Printable(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);

    private static byte[] Write(ExchangeMessage message)
    {
        var context = new Written();
        ExchangeMarshaller.Marshaller.ContextualSerializer(message, context);
        Assert.Equal(context.Announced, context.Buffer.WrittenCount);
        return context.Buffer.WrittenSpan.ToArray();
    }

    private static ReadOnlySequence<byte> Scatter(byte[] bytes, int block)
    {
        Segment first = new(ReadOnlyMemory<byte>.Empty, 0);
        var last = first;
        foreach (var part in bytes.Chunk(block))
        {
            last = last.Append(part);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Written : SerializationContext
    {
        public ArrayBufferWriter<byte> Buffer { get; } = new();

        public int Announced { get; private set; }

        public override void SetPayloadLength(int payloadLength) => Announced = payloadLength;

        public override IBufferWriter<byte> GetBufferWriter() => Buffer;

        public override void Complete()
        {
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
