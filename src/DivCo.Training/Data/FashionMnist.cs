using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data;

/// <summary>
/// The training images of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 60,000 grey photographs of ten kinds of garment, 28 x 28, padded with
/// background (-1) to 32 x 32.
/// </summary>
internal sealed class FashionMnist : Dataset
{
    public const string DatasetName = "fashion-mnist";
    public const string SystemFolder = "/usr/share/datasets/fashion-mnist";

    private const string ImagesFile = "train-images-idx3-ubyte";
    private const string LabelsFile = "train-labels-idx1-ubyte";
    private const string ImagesSha256 = "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888";
    private const string LabelsSha256 = "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9";
    private const int Images = 60_000;
    private const int Original = 28;
    private const int Padded = 32;
    private const int Margin = (Padded - Original) / 2;
    private const int ImagesBytes = 16 + (Images * Original * Original);
    private const int LabelsBytes = 8 + Images;
    private const string Fix =
        "Install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or set DIVCO_DATA to a folder that holds fashion-mnist/"
        + ImagesFile + "[.gz] and fashion-mnist/" + LabelsFile + "[.gz].";

    // Exact in both ends: 0 is -1 and 255 is +1.
    private static readonly float[] Scaled = [.. Enumerable.Range(0, 256).Select(value => (float)((value / 127.5) - 1))];

    private readonly ReadOnlyMemory<byte> _images;
    private readonly ReadOnlyMemory<byte> _labels;

    private FashionMnist(IdxFile images, IdxFile labels)
    {
        (_images, _labels) = (images.Elements, labels.Elements);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"images={images.Sha256}\nlabels={labels.Sha256}\n")));
    }

    public override string Name => DatasetName;

    public override int Count => Images;

    public override int Channels => 1;

    public override int ImageSize => Padded;

    public override string Sha256 { get; }

    public override IReadOnlyList<string> ClassNames { get; } =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <exception cref="DatasetException">As of <see cref="DatasetCatalog.Open"/>.</exception>
    public static FashionMnist Read(int imageSize, int channels, string? dataRoot)
    {
        if (imageSize != Padded)
        {
            throw new DatasetException($"model.image_size is {imageSize}, but {DatasetName} has images of {Padded} x {Padded}; allowed: {Padded}. Set model.image_size: {Padded}.");
        }

        if (channels != 1)
        {
            throw new DatasetException($"model.channels is {channels}, but {DatasetName} is grey; allowed: 1. Set model.channels: 1.");
        }

        string folder = Folder(dataRoot);
        return new FashionMnist(
            IdxFile.Read(Path.Combine(folder, ImagesFile), ImagesBytes, ImagesSha256, Fix),
            IdxFile.Read(Path.Combine(folder, LabelsFile), LabelsBytes, LabelsSha256, Fix));
    }

    public override int Label(int index)
    {
        CheckIndex(index);
        return _labels.Span[index];
    }

    private protected override void Copy(int index, Span<float> chw)
    {
        ReadOnlySpan<byte> pixels = _images.Span.Slice(index * Original * Original, Original * Original);
        chw.Fill(-1);
        for (int row = 0; row < Original; row++)
        {
            Span<float> padded = chw.Slice(((row + Margin) * Padded) + Margin, Original);
            for (int column = 0; column < Original; column++)
            {
                padded[column] = Scaled[pixels[(row * Original) + column]];
            }
        }
    }

    /// <summary>The folder that holds both files; DIVCO_DATA may also name that folder itself.</summary>
    private static string Folder(string? dataRoot)
    {
        string[] places = dataRoot is null ? [SystemFolder] : [Path.Combine(dataRoot, DatasetName), dataRoot];
        return places.FirstOrDefault(place => Has(place, ImagesFile) && Has(place, LabelsFile))
            ?? throw new DatasetException($"{DatasetName} was not found: looked for {ImagesFile}[.gz] and {LabelsFile}[.gz] in {string.Join(" and ", places)}. {Fix}");
    }

    private static bool Has(string folder, string file) => File.Exists(Path.Combine(folder, file)) || File.Exists(Path.Combine(folder, file + ".gz"));
}
