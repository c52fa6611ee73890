using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DivCo.Training.Latents;

namespace DivCo.Training.Data;

/// <summary>
/// A synthetic conditional set whose modes are known exactly: the class is the shape of a figure, the mode is where on a circle of eight places
/// it stands, and a little noise makes each image its own. A generator that has collapsed shows a class in few places, and that can be counted.
/// Images are a function of their index alone, by exactly rounded operations, so they are the same bits on every machine.
/// </summary>
public sealed class Modes : LabelledImages
{
    /// <summary>As in a spec's <c>dataset.name</c>.</summary>
    public const string DatasetName = "modes";

    private const double NoiseAmplitude = 0.1; // uniform, each pixel on its own, clipped to [-1, 1]
    private const int NoiseBlock = 256;        // pixels of one vector of the stream
    private const int ImagesPerMode = 256;     // to train; to test half as many, with other noise
    private const int MinSize = 32;
    private const int MaxSize = 256;

    // A seed of its own: the images are the same in every trial.
    private static readonly PhiloxStream _noise = new(seed: 0, StreamPurpose.SyntheticData);

    private readonly float[] _centres;

    /// <summary>Of the images of both splits, whose noise differs in all of them.</summary>
    private readonly int _first;

    private Modes(int imageSize, int channels, Split split)
    {
        (ImageSize, Channels) = (imageSize, channels);
        var training = Classes * ModesPerClass * ImagesPerMode;
        (_first, Count) = split == Split.Train ? (0, training) : (training, training / 2);
        _centres = new float[Classes * ModesPerClass * ImageLength];
        for (int i = 0; i < Classes * ModesPerClass; i++)
        {
            ModeFigure.Draw(i / ModesPerClass, i % ModesPerClass, imageSize, channels, _centres.AsSpan(i * ImageLength, ImageLength));
        }

        Sha256 = Hash();
    }

    /// <summary>Modes of each class, equally frequent.</summary>
    public static int ModesPerClass => ModeFigure.Places;

    /// <inheritdoc/>
    public override string Name => DatasetName;

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <inheritdoc/>
    public override int ImageSize { get; }

    /// <inheritdoc/>
    public override string Sha256 { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames => ModeFigure.Names;

    /// <exception cref="DatasetException">The size or the number of channels is not one that the set is made in.</exception>
    public static Modes Create(int imageSize, int channels, Split split = Split.Train) =>
        imageSize is < MinSize or > MaxSize
            ? throw new DatasetException($"model.image_size is {imageSize}; allowed for {DatasetName}: {MinSize} to {MaxSize}. Set model.image_size: {MinSize}.")
        : channels is not (1 or 3)
            ? throw new DatasetException($"model.channels is {channels}; allowed for {DatasetName}: 1, 3. Set model.channels: 1.")
        : new Modes(imageSize, channels, split);

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

    private protected override void Copy(int index, Augmentation augmentation, Span<float> chw)
    {
        Centre(Label(index), Mode(index)).CopyTo(chw);
        Span<double> uniforms = stackalloc double[NoiseBlock];
        for (int start = 0; start < chw.Length; start += NoiseBlock)
        {
            Span<float> block = chw.Slice(start, Math.Min(NoiseBlock, chw.Length - start));
            _noise.Uniforms(time: 0, (uint)(_first + index), (uint)(start / NoiseBlock), uniforms[..block.Length]);
            for (int i = 0; i < block.Length; i++)
            {
                block[i] = (float)Math.Clamp(block[i] + (NoiseAmplitude * ((2 * uniforms[i]) - 1)), -1, 1);
            }
        }
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
