namespace DivCo.Collectives;

/// <summary>The gather of slices: each rank sends the rows of its shards to the ranks that read the shard's slice.</summary>
internal sealed class SliceGather(Communicator communicator, ShardGrid grid, Func<int, int> lengthOf)
{
    private const int PieceLength = Payload.MaxBytes / sizeof(float);

    /// <summary>The most elements the rows of one shard may have: what is expected of a peer is allocated before it sends.</summary>
    private const int MaxLength = 1 << 28;

    private readonly ShardRange _own = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);

    public void Check(IReadOnlyDictionary<int, float[]> ownRows)
    {
        if (ownRows.Count != _own.Count || ownRows.Keys.Any(shard => !_own.Contains(shard)))
        {
            throw new ArgumentException(
                $"ownRows: has shards {string.Join(", ", ownRows.Keys.Order())}; rank {communicator.Rank} of {communicator.Size} holds {_own}.", nameof(ownRows));
        }

        foreach (var (shard, rows) in ownRows)
        {
            if (rows.Length != LengthOf(shard))
            {
                throw new ArgumentException($"ownRows: shard {shard} has {rows.Length} elements; lengthOf says {LengthOf(shard)}.", nameof(ownRows));
            }
        }
    }

    /// <summary>Every slice is read by the ranks that hold its shards.</summary>
    public IReadOnlyDictionary<int, float[]> Run(IReadOnlyDictionary<int, float[]> ownRows)
    {
        var slices = _own.Count == 0 ? [] : Enumerable.Range(grid.SliceOf(_own.Start), grid.SliceOf(_own.End - 1) - grid.SliceOf(_own.Start) + 1);
        return Run(ownRows, slices.Select(slice => (slice, (IReadOnlyList<int>)HoldersOf(slice))));
    }

    /// <param name="slices">Each slice that this rank holds shards of or reads, with the ranks that read it; in order of the slices.</param>
    public IReadOnlyDictionary<int, float[]> Run(
        IReadOnlyDictionary<int, float[]> ownRows, IEnumerable<(int Slice, IReadOnlyList<int> Readers)> slices)
    {
        var rows = new Dictionary<int, float[]>(ownRows);
        foreach (var (slice, readers) in slices)
        {
            if (readers.Contains(communicator.Rank))
            {
                ExpectOthersOf(slice, rows);
            }

            SendOwnOf(slice, ownRows, readers);
        }

        while (communicator.IsWaiting)
        {
            var (from, message) = communicator.Receive();
            Check(from, message, rows);
            communicator.Accept(from, message);
            message.Payload!.As<float>().CopyTo(rows[message.Node.Start].AsSpan(message.Chunk * PieceLength));
            message.Payload.Release();
        }

        return rows;
    }

    private static int PiecesOf(int length) => (length + PieceLength - 1) / PieceLength;

    private int OwnerOf(int shard) => ShardRanges.OwnerOf(grid.Count, communicator.Size, shard);

    private int LengthOf(int shard)
    {
        var length = lengthOf(shard);
        return length is >= 0 and <= MaxLength
            ? length
            : throw new ArgumentException($"lengthOf: {length} elements for shard {shard}; allowed: 0 to {MaxLength}.");
    }

    private void ExpectOthersOf(int slice, Dictionary<int, float[]> rows)
    {
        var shards = grid.Slice(slice);
        for (var shard = shards.Start; shard < shards.End; shard++)
        {
            if (!_own.Contains(shard))
            {
                var length = LengthOf(shard);
                rows.Add(shard, new float[length]);
                communicator.Expect(OwnerOf(shard), PiecesOf(length));
            }
        }
    }

    private int[] HoldersOf(int slice)
    {
        var shards = grid.Slice(slice);
        var first = OwnerOf(shards.Start);
        return [.. Enumerable.Range(first, OwnerOf(shards.End - 1) - first + 1)];
    }

    private void SendOwnOf(int slice, IReadOnlyDictionary<int, float[]> ownRows, IReadOnlyList<int> readers)
    {
        var shards = grid.Slice(slice);
        var peers = readers.Where(rank => rank != communicator.Rank).ToArray();
        if (peers.Length == 0)
        {
            return;
        }

        for (var shard = Math.Max(shards.Start, _own.Start); shard < Math.Min(shards.End, _own.End); shard++)
        {
            for (var piece = 0; piece < PiecesOf(ownRows[shard].Length); piece++)
            {
                var payload = Payload.CopyOf<float>(PieceOf(ownRows[shard], piece));
                var message = communicator.Compose(MessageKind.Rows, piece, TreeNode.Leaf(shard), ElementType.Float32, payload);
                payload.AddReferences(peers.Length - 1);
                foreach (var peer in peers)
                {
                    communicator.Send(peer, message);
                }
            }
        }
    }

    private static Span<float> PieceOf(float[] rows, int piece)
    {
        var start = piece * PieceLength;
        return rows.AsSpan(start, Math.Min(PieceLength, rows.Length - start));
    }

    private void Check(int from, ExchangeMessage message, Dictionary<int, float[]> rows)
    {
        var shard = message.Node.Start;
        if (message.Kind != MessageKind.Rows || message.Node.Size != 1 || _own.Contains(shard)
            || !rows.TryGetValue(shard, out var expected) || OwnerOf(shard) != from)
        {
            throw communicator.Distrust(from, $"it sent {message.Kind} of {message.Node}, which is not its part of the slices that rank {communicator.Rank} reads");
        }

        if (message.Chunk < 0 || message.Chunk >= PiecesOf(expected.Length))
        {
            throw communicator.Distrust(from, $"it sent piece {message.Chunk} of the rows of shard {shard}, which has {PiecesOf(expected.Length)}");
        }

        var bytes = PieceOf(expected, message.Chunk).Length * sizeof(float);
        if (message.Element != ElementType.Float32 || message.Payload?.Length != bytes)
        {
            throw communicator.Distrust(
                from,
                $"it sent {message.Payload?.Length ?? 0} bytes of {message.Element} for piece {message.Chunk} of shard {shard}, expected {bytes} of Float32");
        }
    }
}
