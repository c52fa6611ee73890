namespace DivCo.Collectives;

/// <summary>The gather of records: each rank sends its bytes to all.</summary>
internal sealed class RecordGather(Communicator communicator, Func<int, int> lengthOf)
{
    /// <summary>The most bytes of one record: what is expected of a peer is allocated before it sends.</summary>
    private const int MaxLength = 1 << 26;

    public void Check(ReadOnlySpan<byte> own)
    {
        if (own.Length != LengthOf(communicator.Rank))
        {
            throw new ArgumentException($"own: has {own.Length} bytes; lengthOf says {LengthOf(communicator.Rank)}.", nameof(own));
        }
    }

    public byte[][] Run(ReadOnlySpan<byte> own)
    {
        var records = new byte[communicator.Size][];
        for (var rank = 0; rank < records.Length; rank++)
        {
            records[rank] = rank == communicator.Rank ? own.ToArray() : new byte[LengthOf(rank)];
            if (rank != communicator.Rank)
            {
                communicator.Expect(rank, PiecesOf(records[rank].Length));
            }
        }

        Send(own);
        while (communicator.IsWaiting)
        {
            var (from, message) = communicator.Receive();
            var piece = Check(from, message, records[from]);
            communicator.Accept(from, message);
            message.Payload!.Bytes.CopyTo(piece);
            message.Payload.Release();
        }

        return records;
    }

    private static int PiecesOf(int length) => (length + Payload.MaxBytes - 1) / Payload.MaxBytes;

    private static Span<byte> PieceOf(byte[] record, int piece)
    {
        var start = piece * Payload.MaxBytes;
        return record.AsSpan(start, Math.Min(Payload.MaxBytes, record.Length - start));
    }

    private void Send(ReadOnlySpan<byte> own)
    {
        if (communicator.Size == 1)
        {
            return;
        }

        for (var piece = 0; piece < PiecesOf(own.Length); piece++)
        {
            var start = piece * Payload.MaxBytes;
            var payload = Payload.CopyOf(own.Slice(start, Math.Min(Payload.MaxBytes, own.Length - start)));
            payload.AddReferences(communicator.Size - 2);
            var message = communicator.Compose(MessageKind.Record, piece, TreeNode.Leaf(communicator.Rank), ElementType.None, payload);
            for (var rank = 0; rank < communicator.Size; rank++)
            {
                if (rank != communicator.Rank)
                {
                    communicator.Send(rank, message);
                }
            }
        }
    }

    private int LengthOf(int rank)
    {
        var length = lengthOf(rank);
        return length is >= 0 and <= MaxLength
            ? length
            : throw new ArgumentException($"lengthOf: {length} bytes for rank {rank}; allowed: 0 to {MaxLength}.");
    }

    private Span<byte> Check(int from, ExchangeMessage message, byte[] record)
    {
        if (message.Kind != MessageKind.Record || message.Node != TreeNode.Leaf(from) || message.Chunk < 0 || message.Chunk >= PiecesOf(record.Length))
        {
            throw communicator.Distrust(
                from, $"it sent {message.Kind} of piece {message.Chunk}, which is not its part of a record of {record.Length} bytes");
        }

        var piece = PieceOf(record, message.Chunk);
        return message.Payload?.Length == piece.Length
            ? piece
            : throw communicator.Distrust(
                from, $"it sent {message.Payload?.Length ?? 0} bytes for piece {message.Chunk} of its record, expected {piece.Length}");
    }
}
