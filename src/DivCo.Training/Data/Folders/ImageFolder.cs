using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data.Folders;

/// <summary>
/// A person's own images: <c>train/CLASS/*</c> for labelled images (or <c>CLASS/*</c> where nothing is held back), <c>train/*</c> of pairs A|B
/// beside each other, or <c>trainA/*</c> and <c>trainB/*</c> of two domains; <c>test</c> or <c>val</c> in place of <c>train</c> to test.
/// </summary>
internal static class ImageFolder
{
    public const string DatasetName = "image-folder";

    /// <exception cref="DatasetException">As of <see cref="DatasetCatalog.Open(DatasetRequest)"/>.</exception>
    public static Dataset Open(DatasetRequest request)
    {
        var root = RootOf(request);
        var form = FormOf(request);
        return request.Kind switch
        {
            DatasetKind.ImagePairs => new AlignedPairs(ImageScan.Open(root, Folders(root, request), form)[0], form),
            DatasetKind.ImageDomains => new DomainFolders(ImageScan.Open(root, Folders(root, request), form), form),
            _ => new ClassFolders(ClassFolders.Names(root, request.Split), ImageScan.Open(root, Folders(root, request), form), form),
        };
    }

    /// <summary>What changes when a file of the set is added, removed or written: names, lengths and times, without reading the files.</summary>
    /// <exception cref="DatasetException">The folder is missing or has no images.</exception>
    public static string Fingerprint(DatasetRequest request)
    {
        var root = RootOf(request);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Folders(root, request).SelectMany(folder => ImageScan.Paths(root, folder)))
        {
            var file = new FileInfo(path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{(file.Exists ? file.Length : -1)}\0{file.LastWriteTimeUtc.Ticks}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 over names and contents, in order; nothing of where the folder is.</summary>
    public static string HashOf(string kind, IEnumerable<ScannedImage> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{DatasetName} {kind}\n"));
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Sha256}  {file.Name}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string[] Folders(string root, DatasetRequest request) => request.Kind switch
    {
        DatasetKind.ImagePairs => [SplitFolder(root, request.Split)],
        DatasetKind.ImageDomains => [SplitFolder(root, request.Split, "A"), SplitFolder(root, request.Split, "B")],
        _ => [.. ClassFolders.Names(root, request.Split).Select(name => Path.Combine(ClassFolders.Base(root, request.Split), name))],
    };

    /// <summary>The folder of a split: train, or test or, where there is none, val.</summary>
    private static string SplitFolder(string root, Split split, string suffix = "")
    {
        string[] names = split == Split.Train ? [$"train{suffix}"] : [$"test{suffix}", $"val{suffix}"];
        return names.Select(name => Path.Combine(root, name)).FirstOrDefault(Directory.Exists)
            ?? throw new DatasetException($"dataset.path: {root} has no folder {string.Join(" or ", names)}; put the images to {(split == Split.Train ? "train on" : "compare with")} there.");
    }

    private static string RootOf(DatasetRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Path))
        {
            throw new DatasetException($"dataset.path is missing; {DatasetName} needs the folder of the images, absolute or below DIVCO_DATA.");
        }

        if (!Path.IsPathRooted(request.Path) && request.DataRoot is null)
        {
            throw new DatasetException($"dataset.path is {request.Path}, which is below DIVCO_DATA, and that is not set on this server; set it (--datasets), or give an absolute path where the server takes one: one with tokens does not.");
        }

        var root = Path.GetFullPath(request.Path, request.DataRoot ?? "/");
        return Directory.Exists(root)
            ? root
            : throw new DatasetException($"dataset.path: there is no folder {root} on {Environment.MachineName}; every server reads it on its own machine.");
    }

    private static ImageForm FormOf(DatasetRequest request)
    {
        if (request.Channels is not (1 or 3))
        {
            throw new DatasetException($"model.channels is {request.Channels}; allowed: 1, 3.");
        }

        var load = request.LoadSize ?? request.ImageSize;
        return load < request.ImageSize
            ? throw new DatasetException($"dataset.load_size is {load}, less than model.image_size {request.ImageSize}, which is cut from it; set at least {request.ImageSize}.")
            // To compare with, the middle of the same enlargement would leave out the borders: the whole image is taken.
            : new ImageForm(request.Kind == DatasetKind.ImagePairs ? 2 : 1, request.Channels, request.Split == Split.Train ? load : request.ImageSize, request.ImageSize, request.Flip);
    }
}
