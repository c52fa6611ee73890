using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Grpc.Core;

namespace DivCo.Collectives.Links;

/// <summary>
/// Writes and reads ExchangeMessage of divco.exchange.v1 by hand: valid protobuf, but the payload goes from a pooled block into gRPC's
/// buffer and from the socket's blocks into a pooled one, with no message object, byte string or copy in between. What is read is bounded and
/// well-formed, not yet believed.
/// </summary>
internal static class ExchangeMarshaller
{
    public const int MaxMessageBytes = Payload.MaxBytes + MaxHeaderBytes;

    private const int MaxTextBytes = 1024;
    private const int MaxHeaderBytes = 4096;

    public static Marshaller<ExchangeMessage> Marshaller { get; } = new(Write, Read);

    /// <summary>Field numbers of the proto file.</summary>
    private enum Field
    {
        Kind = 1,
        Epoch = 2,
        QuorumHash = 3,
        Update = 4,
        Bucket = 5,
        Chunk = 6,
        NodeStart = 7,
        NodeSize = 8,
        Element = 9,
        TrialId = 10,
        FromRank = 11,
        ToRank = 12,
        Reason = 13,
        Payload = 15,
        Block = 16,
        BlockBytes = 17,
        MemoryProcess = 18,
        MemoryFile = 19,
        MemoryNonce = 20,
    }

    private enum Wire
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>What was lent is read whole or not at all: in its place goes a word that says nothing, and the farewell that says why follows.</summary>
    private static void Write(ExchangeMessage message, SerializationContext context)
    {
        if (message.Payload?.Loan is not { } loan)
        {
            WriteFields(message, context);
            return;
        }

        using (loan.Read())
        {
            WriteFields(loan.IsRevoked ? message.WithoutWord() : message, context);
        }
    }

    private static void WriteFields(ExchangeMessage message, SerializationContext context)
    {
        var header = new Header(stackalloc byte[MaxHeaderBytes]);
        header.Number(Field.Kind, (long)message.Kind);
        header.Number(Field.Epoch, message.Epoch);
        header.Fixed(Field.QuorumHash, message.QuorumHash);
        header.Number(Field.Update, message.Operation.Update);
        header.Number(Field.Bucket, message.Operation.Bucket);
        header.Number(Field.Chunk, message.Chunk);
        header.Number(Field.NodeStart, message.Node.Start);
        header.Number(Field.NodeSize, message.Node.Size);
        header.Number(Field.Element, (long)message.Element);
        header.Text(Field.TrialId, message.TrialId);
        header.Number(Field.FromRank, message.FromRank);
        header.Number(Field.ToRank, message.ToRank);
        header.Text(Field.Reason, message.Reason);
        header.Number(Field.Block, message.Block);
        header.Number(Field.BlockBytes, message.BlockBytes);
        if (message.Memory.Process != 0)
        {
            header.Number(Field.MemoryProcess, message.Memory.Process);
            header.Number(Field.MemoryFile, message.Memory.File);
            header.Fixed(Field.MemoryNonce, message.Memory.Nonce);
        }

        var payload = message.Payload is null ? [] : message.Payload.Bytes;
        header.Length(Field.Payload, payload.Length);

        var written = header.Written;
        context.SetPayloadLength(written.Length + payload.Length);
        var output = context.GetBufferWriter();
        output.Write(written);
        output.Write(payload);
        context.Complete();
    }

    private static ExchangeMessage Read(DeserializationContext context) => Read(context.PayloadAsReadOnlySequence());

    /// <exception cref="InvalidDataException">The bytes are not a message, or a field is too long.</exception>
    internal static ExchangeMessage Read(ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        var (kind, element, epoch, hash) = (MessageKind.None, ElementType.None, 0u, 0ul);
        var (update, bucket, chunk, nodeStart, nodeSize, from, to) = (0L, 0, 0, 0, 0, 0, 0);
        var (trialId, reason) = ("", "");
        var (block, blockBytes, process, file, nonce) = (0, 0, 0, 0, 0ul);
        var payload = ReadOnlySequence<byte>.Empty;
        while (!reader.End)
        {
            var tag = ReadVarint(ref reader);
            var wire = (Wire)(tag & 7);
            switch ((Field)(tag >> 3), wire)
            {
                case (Field.Kind, Wire.Varint): kind = (MessageKind)ReadVarint(ref reader); break;
                case (Field.Epoch, Wire.Varint): epoch = (uint)ReadVarint(ref reader); break;
                case (Field.QuorumHash, Wire.Fixed64): hash = ReadFixed64(ref reader); break;
                case (Field.Update, Wire.Varint): update = (long)ReadVarint(ref reader); break;
                case (Field.Bucket, Wire.Varint): bucket = (int)ReadVarint(ref reader); break;
                case (Field.Chunk, Wire.Varint): chunk = (int)ReadVarint(ref reader); break;
                case (Field.NodeStart, Wire.Varint): nodeStart = (int)ReadVarint(ref reader); break;
                case (Field.NodeSize, Wire.Varint): nodeSize = (int)ReadVarint(ref reader); break;
                case (Field.Element, Wire.Varint): element = (ElementType)ReadVarint(ref reader); break;
                case (Field.TrialId, Wire.Bytes): trialId = ReadText(ref reader); break;
                case (Field.FromRank, Wire.Varint): from = (int)ReadVarint(ref reader); break;
                case (Field.ToRank, Wire.Varint): to = (int)ReadVarint(ref reader); break;
                case (Field.Reason, Wire.Bytes): reason = ReadText(ref reader); break;
                case (Field.Payload, Wire.Bytes): payload = ReadBytes(ref reader, Payload.MaxBytes); break;
                case (Field.Block, Wire.Varint): block = (int)ReadVarint(ref reader); break;
                case (Field.BlockBytes, Wire.Varint): blockBytes = (int)ReadVarint(ref reader); break;
                case (Field.MemoryProcess, Wire.Varint): process = (int)ReadVarint(ref reader); break;
                case (Field.MemoryFile, Wire.Varint): file = (int)ReadVarint(ref reader); break;
                case (Field.MemoryNonce, Wire.Fixed64): nonce = ReadFixed64(ref reader); break;
                default: Skip(ref reader, wire); break;
            }
        }

        return new ExchangeMessage(payload.IsEmpty ? null : Pooled(payload))
        {
            Kind = kind,
            Epoch = epoch,
            QuorumHash = hash,
            Operation = new Operation(update, bucket),
            Chunk = chunk,
            Node = new TreeNode(nodeStart, nodeSize),
            Element = element,
            TrialId = trialId,
            FromRank = from,
            ToRank = to,
            Reason = reason,
            Block = block,
            BlockBytes = blockBytes,
            Memory = (process, file, nonce),
        };
    }

    private static Payload Pooled(ReadOnlySequence<byte> bytes)
    {
        var payload = Payload.Rent((int)bytes.Length);
        bytes.CopyTo(payload.Bytes);
        return payload;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        var value = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!reader.TryRead(out var next))
            {
                throw Malformed("it ends within a number");
            }

            value |= shift < 64 ? (ulong)(next & 0x7f) << shift : 0;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed("a number is longer than 10 bytes");
    }

    private static ulong ReadFixed64(ref SequenceReader<byte> reader) =>
        reader.TryReadLittleEndian(out long value) ? (ulong)value : throw Malformed("it ends within a number");

    private static ReadOnlySequence<byte> ReadBytes(ref SequenceReader<byte> reader, int limit)
    {
        var length = ReadVarint(ref reader);
        if (length > (ulong)limit)
        {
            throw Malformed($"a field of {length} bytes, allowed: at most {limit}");
        }

        return reader.TryReadExact((int)length, out var bytes) ? bytes : throw Malformed($"it ends within a field of {length} bytes");
    }

    private static string ReadText(ref SequenceReader<byte> reader) => Encoding.UTF8.GetString(ReadBytes(ref reader, MaxTextBytes));

    /// <summary>A field that a later release may add.</summary>
    private static void Skip(ref SequenceReader<byte> reader, Wire wire)
    {
        switch (wire)
        {
            case Wire.Varint: ReadVarint(ref reader); break;
            case Wire.Fixed64: ReadFixed64(ref reader); break;
            case Wire.Bytes: ReadBytes(ref reader, MaxMessageBytes); break;
            case Wire.Fixed32 when reader.TryReadLittleEndian(out int _): break;
            default: throw Malformed($"a field of wire type {(int)wire}");
        }
    }

    private static InvalidDataException Malformed(string what) => new($"Malformed ExchangeMessage: {what}.");

    /// <summary>Everything before the payload's bytes. Fields with their default value are left out, as proto3 does.</summary>
    private ref struct Header(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Number(Field field, long value)
        {
            if (value != 0)
            {
                Tag(field, Wire.Varint);
                Varint((ulong)value);
            }
        }

        public void Fixed(Field field, ulong value)
        {
            Tag(field, Wire.Fixed64);
            BinaryPrimitives.WriteUInt64LittleEndian(_buffer[_length..], value);
            _length += sizeof(ulong);
        }

        public void Text(Field field, string text)
        {
            // Cut between characters where it would not be read back; only a reason can be so long.
            var cut = text.AsSpan();
            while (Encoding.UTF8.GetByteCount(cut) > MaxTextBytes)
            {
                cut = cut[..(cut.Length * 3 / 4)];
            }

            Length(field, Encoding.UTF8.GetByteCount(cut));
            _length += Encoding.UTF8.GetBytes(cut, _buffer[_length..]);
        }

        public void Length(Field field, int length)
        {
            if (length > 0)
            {
                Tag(field, Wire.Bytes);
                Varint((ulong)length);
            }
        }

        private void Tag(Field field, Wire wire) => Varint(((ulong)field << 3) | (ulong)wire);

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _buffer[_length++] = (byte)(value | 0x80);
            }

            _buffer[_length++] = (byte)value;
        }
    }
}
