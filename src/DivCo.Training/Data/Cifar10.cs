using System.Security.Cryptography;

namespace DivCo.Training.Data;

/// <summary>
/// CIFAR-10 (Krizhevsky 2009): colour photographs of ten classes, 50,000 to train and 10,000 to test, 32 x 32, from the binary version: records
/// of a label and 3 x 32 x 32 bytes.
/// </summary>
internal sealed class Cifar10 : LabelledImages
{
    public const string DatasetName = "cifar-10";

    private const string PublishedFolder = "cifar-10-batches-bin";
    private const int Size = 32;
    private const int Pixels = 3 * Size * Size;
    private const int RecordBytes = 1 + Pixels;
    private const int RecordsPerFile = 10_000;

    private static readonly string[] _training = [.. Enumerable.Range(1, 5).Select(number => $"data_batch_{number}.bin")];
    private static readonly string[] _test = ["test_batch.bin"];

    private readonly byte[][] _files;
    private readonly bool _flip;

    private Cifar10(byte[][] files, bool flip)
    {
        (_files, _flip) = (files, flip);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Array.ForEach(files, hash.AppendData);
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public override string Name => DatasetName;

    public override int Count => _files.Length * RecordsPerFile;

    public override int Channels => 3;

    public override int ImageSize => Size;

    /// <summary>Of the files one after the other.</summary>
    public override string Sha256 { get; }

    public override IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <exception cref="DatasetException">As of <see cref="DatasetCatalog.Open(DatasetRequest)"/>.</exception>
    public static Cifar10 Read(DatasetRequest request)
    {
        if (request.ImageSize != Size)
        {
            throw new DatasetException($"model.image_size is {request.ImageSize}, but {DatasetName} has images of 32 x 32; allowed: 32. Set model.image_size: 32.");
        }

        if (request.Channels != 3)
        {
            throw new DatasetException($"model.channels is {request.Channels}, but {DatasetName} is in colour; allowed: 3. Set model.channels: 3.");
        }

        string[] names = request.Split == Split.Train ? _training : _test;
        var folder = Folder(request.DataRoot, names);
        return new Cifar10(Array.ConvertAll(names, name => ReadFile(Path.Combine(folder, name))), request.Flip);
    }

    public override int Label(int index)
    {
        CheckIndex(index);
        return Record(index)[0];
    }

    private protected override void Copy(int index, Augmentation augmentation, Span<float> chw)
    {
        PixelValues.Scale(Record(index)[1..], chw);
        if (_flip && augmentation.Flip)
        {
            Augmentation.Mirror(chw, Size);
        }
    }

    private ReadOnlySpan<byte> Record(int index) =>
        _files[index / RecordsPerFile].AsSpan(index % RecordsPerFile * RecordBytes, RecordBytes);

    private static string Folder(string? dataRoot, string[] names)
    {
        var fix = $"Unpack cifar-10-binary.tar.gz and set DIVCO_DATA to the folder that holds {PublishedFolder}/ (or {DatasetName}/) with {string.Join(", ", names)}.";
        string[] places = dataRoot is null ? [] : [Path.Combine(dataRoot, DatasetName), Path.Combine(dataRoot, PublishedFolder), dataRoot];
        return places.FirstOrDefault(place => names.All(name => File.Exists(Path.Combine(place, name))))
            ?? throw new DatasetException(places.Length == 0
                ? $"{DatasetName} was not found: DIVCO_DATA is not set. {fix}"
                : $"{DatasetName} was not found: looked for {string.Join(", ", names)} in {string.Join(" and ", places)}. {fix}");
    }

    private static byte[] ReadFile(string path)
    {
        const int FileBytes = RecordsPerFile * RecordBytes;
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length != FileBytes)
            {
                throw new DatasetException($"{path} has {file.Length} bytes; a file of {DatasetName}'s binary version has {FileBytes}. Unpack it again.");
            }

            bytes = new byte[FileBytes];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{path} cannot be read: {e.Message} Unpack it again, or set its permissions.", e);
        }

        for (var record = 0; record < RecordsPerFile; record++)
        {
            if (bytes[record * RecordBytes] >= 10)
            {
                throw new DatasetException($"{path} is damaged: record {record} has the label {bytes[record * RecordBytes]}; allowed: 0 to 9. Unpack it again.");
            }
        }

        return bytes;
    }
}
