namespace DivCo.Collectives;

/// <summary>
/// How a buffer is cut into chunks, and which rank finishes the sum of which: a function of the buffer's length and the
/// number of ranks, so that all ranks agree without talking. Chunks start at multiples of 64 bytes, fit one message, go round the ranks, and
/// are as many for each rank; a small buffer is cut less. The cut does not touch the bits of the sum.
/// </summary>
internal readonly struct ChunkLayout
{
    private const int Alignment = 64;
    private const int MinBytes = 4096;
    private readonly int _length;
    private readonly int _elements;
    private readonly int _ranks;

    public ChunkLayout(int length, int elementSize, int ranks)
    {
        _length = length;
        _ranks = ranks;
        var rounds = DivideUp(length, ranks * (long)(Payload.MaxBytes / elementSize));
        var even = DivideUp(length, ranks * rounds);
        var aligned = DivideUp(even, Alignment / elementSize) * (Alignment / elementSize);
        _elements = (int)Math.Max(aligned, MinBytes / elementSize);
        Count = (int)DivideUp(length, _elements);
    }

    public int Count { get; }

    /// <summary>The chunk that holds an element.</summary>
    public int At(int element) => element / _elements;

    public int OwnerOf(int chunk) => chunk % _ranks;

    /// <summary>How many chunks a rank owns.</summary>
    public int OwnedBy(int rank) => (Count / _ranks) + (rank < Count % _ranks ? 1 : 0);

    public Range RangeOf(int chunk)
    {
        var start = chunk * _elements;
        return start..Math.Min(start + _elements, _length);
    }

    public int LengthOf(int chunk) => Math.Min(_elements, _length - (chunk * _elements));

    private static long DivideUp(long dividend, long divisor) => (dividend + divisor - 1) / divisor;
}
