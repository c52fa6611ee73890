namespace DivCo.Training.Data;

/// <summary>
/// Images to train on or to compare with, read-only and shared by all devices of a process: <see cref="LabelledImages"/>,
/// <see cref="ImagePairs"/> or <see cref="ImageDomains"/>, as the task wants them.
/// </summary>
public abstract class Dataset
{
    /// <summary>As in a spec's <c>dataset.name</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Channels of an image that a model makes: 1 or 3.</summary>
    public abstract int Channels { get; }

    /// <summary>Height and width of an image in pixels.</summary>
    public abstract int ImageSize { get; }

    /// <summary>SHA-256 (lower-case hex) that stands for all that the set holds, in its order.</summary>
    public abstract string Sha256 { get; }

    /// <summary>Values of one image: channels * size * size.</summary>
    public int ImageLength => Channels * ImageSize * ImageSize;

    /// <summary>What the set holds, in words: labelled images, pairs, two domains.</summary>
    internal abstract DatasetKind Kind { get; }

    /// <summary>The set as what a task needs.</summary>
    /// <exception cref="TrainingConfigException">It is of another kind; names <c>trial.dataset.name</c> and the sets that are of this kind.</exception>
    internal T As<T>(string task)
        where T : Dataset =>
        this as T ?? throw DatasetKinds.Mismatch(Name, Kind, task, DatasetKinds.Of<T>());

    private protected void Check(int index, int count, Span<float> destination, int length, string what = "images")
    {
        if ((uint)index >= (uint)count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has {what} 0 to {count - 1}");
        }

        if (destination.Length != length)
        {
            throw new ArgumentException($"an image of {Name} has {length} values ({length / (ImageSize * ImageSize)} x {ImageSize} x {ImageSize}), not {destination.Length}", nameof(destination));
        }
    }
}
