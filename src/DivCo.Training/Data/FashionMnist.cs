using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data;

/// <summary>
/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): grey photographs of ten kinds of garment, 60,000 to train and 10,000 to test, 28 x 28, padded
/// with background (-1) to 32 x 32.
/// </summary>
internal sealed class FashionMnist : LabelledImages
{
    public const string DatasetName = "fashion-mnist";
    public const int Sandal = 5;
    public const int Sneaker = 7;
    public const int Bag = 8;
    public const int AnkleBoot = 9;

    private const int Original = 28;
    private const int Padded = 32;
    private const int Margin = (Padded - Original) / 2;

    private static readonly FashionMnistFiles _training = new(
        "train",
        60_000,
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9");

    private static readonly FashionMnistFiles _test = new(
        "t10k",
        10_000,
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    private readonly ReadOnlyMemory<byte> _images;
    private readonly ReadOnlyMemory<byte> _labels;

    private FashionMnist(IdxFile images, IdxFile labels)
    {
        (_images, _labels) = (images.Elements, labels.Elements);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"images={images.Sha256}\nlabels={labels.Sha256}\n")));
    }

    public override string Name => DatasetName;

    public override int Count => _labels.Length;

    public override int Channels => 1;

    public override int ImageSize => Padded;

    public override string Sha256 { get; }

    public override IReadOnlyList<string> ClassNames { get; } =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <exception cref="DatasetException">As of <see cref="DatasetCatalog.Open(DatasetRequest)"/>.</exception>
    public static FashionMnist Read(DatasetRequest request)
    {
        if (request.ImageSize != Padded)
        {
            throw new DatasetException(
                $"model.image_size is {request.ImageSize}, but {DatasetName} has images of {Padded} x {Padded}; allowed: {Padded}. Set model.image_size: {Padded}.");
        }

        if (request.Channels != 1)
        {
            throw new DatasetException($"model.channels is {request.Channels}, but {DatasetName} is grey; allowed: 1. Set model.channels: 1.");
        }

        var (images, labels) = (request.Split == Split.Train ? _training : _test).Read(request.DataRoot, Original * Original);
        return new FashionMnist(images, labels);
    }

    public override int Label(int index)
    {
        CheckIndex(index);
        return _labels.Span[index];
    }

    /// <summary>Indices of all images of some classes, in their order.</summary>
    public int[] IndicesOf(params int[] labels) => [.. Enumerable.Range(0, Count).Where(index => labels.Contains(Label(index)))];

    /// <summary>The padded image as grey levels, 0 to 255, 32 * 32.</summary>
    public void CopyLevels(int index, Span<byte> levels)
    {
        levels.Clear();
        for (var row = 0; row < Original; row++)
        {
            _images.Span.Slice(((index * Original) + row) * Original, Original).CopyTo(levels[(((row + Margin) * Padded) + Margin)..]);
        }
    }

    private protected override void Copy(int index, Augmentation augmentation, Span<float> chw)
    {
        Span<byte> levels = stackalloc byte[Padded * Padded];
        CopyLevels(index, levels);
        PixelValues.Scale(levels, chw);
    }
}
