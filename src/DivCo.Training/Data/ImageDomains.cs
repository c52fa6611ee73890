namespace DivCo.Training.Data;

/// <summary>Images of two domains, A and B, of which none belongs to another.</summary>
public abstract class ImageDomains : Dataset
{
    /// <summary>Number of images of domain A.</summary>
    public abstract int CountA { get; }

    /// <summary>Number of images of domain B.</summary>
    public abstract int CountB { get; }

    /// <summary>Two names, A's first.</summary>
    public abstract IReadOnlyList<string> DomainNames { get; }

    internal sealed override DatasetKind Kind => DatasetKind.ImageDomains;

    /// <summary>Copies an image of domain A to <paramref name="chw"/>: channels, then rows, then columns, values in [-1, 1].</summary>
    /// <param name="augmentation">Followed as far as the set was opened for it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ArgumentException"><paramref name="chw"/> does not have <see cref="Dataset.ImageLength"/> values.</exception>
    public void CopyA(int index, Augmentation augmentation, Span<float> chw)
    {
        Check(index, CountA, chw, ImageLength, "images of domain A");
        Copy(0, index, augmentation, chw);
    }

    /// <summary>Copies an image of domain B.</summary>
    /// <inheritdoc cref="CopyA"/>
    public void CopyB(int index, Augmentation augmentation, Span<float> chw)
    {
        Check(index, CountB, chw, ImageLength, "images of domain B");
        Copy(1, index, augmentation, chw);
    }

    /// <param name="domain">0 or 1.</param>
    private protected abstract void Copy(int domain, int index, Augmentation augmentation, Span<float> chw);
}
