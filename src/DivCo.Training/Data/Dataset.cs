namespace DivCo.Training.Data;

/// <summary>Labelled images in memory, read-only and shared by all devices of a process.</summary>
public abstract class Dataset
{
    /// <summary>As in a spec's <c>dataset.name</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Number of images.</summary>
    public abstract int Count { get; }

    /// <summary>Channels of an image: 1 or 3.</summary>
    public abstract int Channels { get; }

    /// <summary>Height and width of an image in pixels.</summary>
    public abstract int ImageSize { get; }

    /// <summary>SHA-256 (lower-case hex) that stands for all images and labels.</summary>
    public abstract string Sha256 { get; }

    /// <summary>One name for each class.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of classes.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>Values of one image: channels * size * size.</summary>
    public int ImageLength => Channels * ImageSize * ImageSize;

    /// <summary>Class of image <paramref name="index"/>, in [0, <see cref="Classes"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public abstract int Label(int index);

    /// <summary>Copies image <paramref name="index"/> to <paramref name="chw"/>: channels, then rows, then columns, values in [-1, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ArgumentException"><paramref name="chw"/> does not have <see cref="ImageLength"/> values.</exception>
    public void CopyImage(int index, Span<float> chw)
    {
        CheckIndex(index);
        if (chw.Length != ImageLength)
        {
            throw new ArgumentException($"an image of {Name} has {ImageLength} values ({Channels} x {ImageSize} x {ImageSize}), not {chw.Length}", nameof(chw));
        }

        Copy(index, chw);
    }

    /// <summary>As <see cref="CopyImage"/>, arguments checked.</summary>
    private protected abstract void Copy(int index, Span<float> chw);

    private protected void CheckIndex(int index)
    {
        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has images 0 to {Count - 1}");
        }
    }
}
