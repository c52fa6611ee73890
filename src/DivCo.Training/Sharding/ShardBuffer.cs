namespace DivCo.Training.Sharding;

/// <summary>One long buffer in pieces of equal length, the last one shorter.</summary>
internal readonly record struct ShardBuffer(float[][] Pieces, int PieceLength)
{
    public void Write(int offset, ReadOnlySpan<float> values)
    {
        while (!values.IsEmpty)
        {
            var (piece, start) = Math.DivRem(offset, PieceLength);
            var count = Math.Min(values.Length, PieceLength - start);
            values[..count].CopyTo(Pieces[piece].AsSpan(start));
            values = values[count..];
            offset += count;
        }
    }
}
