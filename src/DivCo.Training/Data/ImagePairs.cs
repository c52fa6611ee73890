namespace DivCo.Training.Data;

/// <summary>Pairs of an input image, the condition, and a target image that lies over it pixel by pixel.</summary>
public abstract class ImagePairs : Dataset
{
    /// <summary>Number of pairs.</summary>
    public abstract int Count { get; }

    /// <summary>Channels of an input image: 1 or 3.</summary>
    public abstract int InputChannels { get; }

    /// <summary>Values of one input image.</summary>
    public int InputLength => InputChannels * ImageSize * ImageSize;

    internal sealed override DatasetKind Kind => DatasetKind.ImagePairs;

    /// <summary>Copies both images of a pair: channels, then rows, then columns, values in [-1, 1].</summary>
    /// <param name="augmentation">The same crop and mirroring on both sides; followed as far as the set was opened for it.</param>
    /// <param name="input"><see cref="InputLength"/> values.</param>
    /// <param name="target"><see cref="Dataset.ImageLength"/> values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such pair.</exception>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void CopyPair(int index, Augmentation augmentation, Span<float> input, Span<float> target)
    {
        Check(index, Count, input, InputLength, "pairs");
        Check(index, Count, target, ImageLength, "pairs");
        Copy(index, augmentation, input, target);
    }

    /// <summary>As <see cref="CopyPair"/>, arguments checked.</summary>
    private protected abstract void Copy(int index, Augmentation augmentation, Span<float> input, Span<float> target);
}
