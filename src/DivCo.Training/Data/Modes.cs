using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data;

/// <summary>
/// A synthetic conditional set whose modes are known exactly: the class is the shape of a figure, the mode is where on a circle of eight places
/// it stands, and a little noise makes each image its own. A generator that has collapsed shows a class in few places, and that can be counted.
/// Images are a function of their index alone, by exactly rounded operations, so they are the same bits on every machine.
/// </summary>
public sealed class Modes : Dataset
{
    /// <summary>As in a spec's <c>dataset.name</c>.</summary>
    public const string DatasetName = "modes";

    private const int ImagesPerMode = 256;
    private const int MinSize = 32;
    private const int MaxSize = 256;

    private readonly float[] _centres;

    private Modes(int imageSize, int channels)
    {
        (ImageSize, Channels) = (imageSize, channels);
        _centres = new float[Classes * ModesPerClass * ImageLength];
        for (int i = 0; i < Classes * ModesPerClass; i++)
        {
            ModeFigure.Draw(i / ModesPerClass, i % ModesPerClass, imageSize, channels, _centres.AsSpan(i * ImageLength, ImageLength));
        }

        HitDistance = SmallestSeparation() / 2;
        Sha256 = Hash();
    }

    /// <summary>Modes of each class, equally frequent.</summary>
    public static int ModesPerClass => ModeFigure.Places;

    /// <inheritdoc/>
    public override string Name => DatasetName;

    /// <inheritdoc/>
    public override int Count => Classes * ModesPerClass * ImagesPerMode;

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <inheritdoc/>
    public override int ImageSize { get; }

    /// <inheritdoc/>
    public override string Sha256 { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames => ModeFigure.Names;

    /// <summary>
    /// Root-mean-square pixel distance below which an image counts as of a mode: half the smallest distance between two modes of one class, so
    /// that no image can be of two.
    /// </summary>
    public double HitDistance { get; }

    /// <exception cref="DatasetException">The size or the number of channels is not one that the set is made in.</exception>
    public static Modes Create(int imageSize, int channels) =>
        imageSize is < MinSize or > MaxSize
            ? throw new DatasetException($"model.image_size is {imageSize}; allowed for {DatasetName}: {MinSize} to {MaxSize}. Set model.image_size: {MinSize}.")
        : channels is not (1 or 3)
            ? throw new DatasetException($"model.channels is {channels}; allowed for {DatasetName}: 1, 3. Set model.channels: 1.")
        : new Modes(imageSize, channels);

    /// <inheritdoc/>
    public override int Label(int index)
    {
        CheckIndex(index);
        return index % Classes;
    }

    /// <summary>Mode of image <paramref name="index"/> within its class, in [0, <see cref="ModesPerClass"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public int Mode(int index)
    {
        CheckIndex(index);
        return index / Classes % ModesPerClass;
    }

    /// <summary>The image of a mode without noise: channels x size x size in [-1, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class or mode.</exception>
    public ReadOnlySpan<float> Centre(int label, int mode)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)Classes, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)mode, (uint)ModesPerClass, nameof(mode));
        return _centres.AsSpan(((label * ModesPerClass) + mode) * ImageLength, ImageLength);
    }

    private protected override void Copy(int index, Span<float> chw)
    {
        Centre(Label(index), Mode(index)).CopyTo(chw);
    }

    private double SmallestSeparation()
    {
        double smallest = double.PositiveInfinity;
        for (int label = 0; label < Classes; label++)
        {
            for (int mode = 1; mode < ModesPerClass; mode++)
            {
                for (int other = 0; other < mode; other++)
                {
                    float distance = TensorPrimitives.Distance(Centre(label, mode), Centre(label, other));
                    smallest = Math.Min(smallest, distance / Math.Sqrt(ImageLength));
                }
            }
        }

        return smallest;
    }

    /// <summary>Over the number of images and the first noisy image of each mode, from which all others follow.</summary>
    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"{DatasetName} {Count} {Channels} {ImageSize}\n"));
        float[] image = new float[ImageLength];
        for (int index = 0; index < Classes * ModesPerClass; index++)
        {
            CopyImage(index, image);
            hash.AppendData(MemoryMarshal.AsBytes(image.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
