namespace DivCo.Training.Data.Folders;

/// <summary>What images become when they are read.</summary>
/// <param name="Parts">Squares beside each other in one file: 1, or 2 of an aligned pair.</param>
internal sealed record ImageForm(int Parts, int Channels, int LoadSize, int ImageSize, bool Flip)
{
    /// <summary>Bytes of one file's images after resizing.</summary>
    public long Bytes => (long)Parts * Channels * LoadSize * LoadSize;

    /// <summary>[parts, channels, load size, load size].</summary>
    public byte[] Resize(Pixels image)
    {
        if (Parts == 1)
        {
            return BicubicResize.ToSquare(image, LoadSize);
        }

        var width = image.Width / Parts;
        return [.. Enumerable.Range(0, Parts).SelectMany(part => BicubicResize.ToSquare(image.Columns(part * width, width), LoadSize))];
    }
}
