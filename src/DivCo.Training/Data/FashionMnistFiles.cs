namespace DivCo.Training.Data;

/// <summary>The two files of one split of Fashion-MNIST.</summary>
/// <param name="prefix">Of their names.</param>
internal sealed class FashionMnistFiles(string prefix, int images, string imagesSha256, string labelsSha256)
{
    private const string SystemFolder = "/usr/share/datasets/fashion-mnist";

    private readonly string _imagesFile = $"{prefix}-images-idx3-ubyte";
    private readonly string _labelsFile = $"{prefix}-labels-idx1-ubyte";

    private string Fix =>
        "Install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or set DIVCO_DATA to a folder that holds "
        + $"{FashionMnist.DatasetName}/{_imagesFile}[.gz] and {FashionMnist.DatasetName}/{_labelsFile}[.gz].";

    /// <exception cref="DatasetException">Missing, unreadable or damaged: names the file and the fix.</exception>
    public (IdxFile Images, IdxFile Labels) Read(string? dataRoot, int pixels)
    {
        var folder = Folder(dataRoot);
        return (
            IdxFile.Read(Path.Combine(folder, _imagesFile), 16 + ((long)images * pixels), imagesSha256, Fix),
            IdxFile.Read(Path.Combine(folder, _labelsFile), 8 + images, labelsSha256, Fix));
    }

    /// <summary>The folder that holds both files; DIVCO_DATA may also name that folder itself.</summary>
    private string Folder(string? dataRoot)
    {
        string[] places = dataRoot is null ? [SystemFolder] : [Path.Combine(dataRoot, FashionMnist.DatasetName), dataRoot];
        return places.FirstOrDefault(place => Has(place, _imagesFile) && Has(place, _labelsFile))
            ?? throw new DatasetException(
                $"{FashionMnist.DatasetName} was not found: looked for {_imagesFile}[.gz] and {_labelsFile}[.gz] in {string.Join(" and ", places)}. {Fix}");
    }

    private static bool Has(string folder, string file) => File.Exists(Path.Combine(folder, file)) || File.Exists(Path.Combine(folder, file + ".gz"));
}
