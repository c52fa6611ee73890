namespace DivCo.Training.Data;

/// <summary>Images with one class each.</summary>
public abstract class LabelledImages : Dataset
{
    /// <summary>Number of images.</summary>
    public abstract int Count { get; }

    /// <summary>One name for each class.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of classes.</summary>
    public int Classes => ClassNames.Count;

    internal sealed override DatasetKind Kind => DatasetKind.LabelledImages;

    /// <summary>Class of image <paramref name="index"/>, in [0, <see cref="Classes"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public abstract int Label(int index);

    /// <summary>Copies image <paramref name="index"/> as it is, its middle where it is larger than the model's, to <paramref name="chw"/>.</summary>
    /// <inheritdoc cref="CopyImage(int, Augmentation, Span{float})"/>
    public void CopyImage(int index, Span<float> chw) => CopyImage(index, Augmentation.None, chw);

    /// <summary>Copies image <paramref name="index"/> to <paramref name="chw"/>: channels, then rows, then columns, values in [-1, 1].</summary>
    /// <param name="augmentation">Followed as far as the set was opened for it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ArgumentException"><paramref name="chw"/> does not have <see cref="Dataset.ImageLength"/> values.</exception>
    public void CopyImage(int index, Augmentation augmentation, Span<float> chw)
    {
        Check(index, Count, chw, ImageLength);
        Copy(index, augmentation, chw);
    }

    /// <summary>As <see cref="CopyImage(int, Augmentation, Span{float})"/>, arguments checked.</summary>
    private protected abstract void Copy(int index, Augmentation augmentation, Span<float> chw);

    private protected void CheckIndex(int index)
    {
        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has images 0 to {Count - 1}");
        }
    }
}
