using System.Security.Cryptography;

namespace DivCo.Training.Data.Folders;

/// <summary>
/// Opens the images of a folder: every file is read, hashed and decoded once, so that whatever is wrong with any of them is told at once,
/// before training. On several threads; the result does not depend on them.
/// </summary>
internal static class ImageScan
{
    private static readonly string[] _images = [".png", ".jpg", ".jpeg"];
    private static readonly string[] _others = [".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif"];

    /// <param name="root">The data set's folder, which names are below.</param>
    /// <param name="folders">Those to look in; folders within them are not entered.</param>
    /// <returns>The images of each folder, in its order.</returns>
    /// <exception cref="DatasetException">A folder is missing or empty, or files are no images or not alike; names them, of all folders at once.</exception>
    public static ImageGroup[] Open(string root, IReadOnlyList<string> folders, ImageForm form)
    {
        var paths = folders.Select(folder => Paths(root, folder)).ToList();
        var all = paths.SelectMany(folder => folder).ToList();
        var keep = all.Count * form.Bytes <= ImageLimits.MaxBytesInMemory;
        var images = new ScannedImage[all.Count];
        Parallel.For(0, all.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => images[i] = ScannedImage.Of(root, all[i], form, keep));
        FindTrouble(root, form, images).Throw();
        var ends = paths.Select((_, i) => paths.Take(i + 1).Sum(folder => folder.Count));
        return [.. paths.Zip(ends, (folder, end) => new ImageGroup(form, images[(end - folder.Count)..end]))];
    }

    private static FolderTrouble FindTrouble(string root, ImageForm form, ScannedImage[] images)
    {
        var trouble = new FolderTrouble(root);
        var usual = images.Where(image => image.Fault is null).CountBy(image => image.Size)
            .OrderByDescending(size => size.Value).ThenBy(size => size.Key).Select(size => size.Key).FirstOrDefault();
        foreach (var image in images)
        {
            if (image.Fault is not null)
            {
                trouble.Add("cannot be used (mend or remove them)", $"{image.Name} {image.Fault}");
            }
            else if (image.Size != usual)
            {
                trouble.Add($"differ in size from the {usual.Width} x {usual.Height} of the others (resize them alike)", $"{image.Name} {image.Size.Width} x {image.Size.Height}");
            }
            else if (image.Channels != form.Channels)
            {
                trouble.Add(
                    form.Channels == 3
                        ? "are grey, but model.channels is 3 (set model.channels: 1, or convert them)"
                        : "are in colour, but model.channels is 1 (set model.channels: 3, or convert them)",
                    image.Name);
            }
            else if (image.Size.Width % form.Parts != 0)
            {
                trouble.Add($"of {usual.Width} x {usual.Height} are no pairs A|B, two images of one width beside each other", image.Name);
            }
        }

        return trouble;
    }

    /// <exception cref="InvalidDataException">The file is larger than an image of this product may be.</exception>
    public static byte[] ReadBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (file.Length is 0 or > ImageLimits.MaxFileBytes)
        {
            throw new InvalidDataException($"has {file.Length} bytes; 1 to {ImageLimits.MaxFileBytes} are allowed");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    public static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of all images of a folder, in ordinal order of their names.</summary>
    public static List<string> Paths(string root, string folder)
    {
        var paths = new List<string>();
        var trouble = new FolderTrouble(root);
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Where(path => !Path.GetFileName(path).StartsWith('.')))
            {
                var extension = Path.GetExtension(path).ToLowerInvariant();
                if (_others.Contains(extension))
                {
                    trouble.Add("are images, but not PNG or JPEG (convert or remove them)", Path.GetRelativePath(root, path));
                }
                else if (_images.Contains(extension))
                {
                    paths.Add(path);
                }

                if (paths.Count > ImageLimits.MaxFiles)
                {
                    throw new DatasetException($"dataset.path: {folder} has more than {ImageLimits.MaxFiles} images; use fewer.");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"dataset.path: {folder} cannot be read: {e.Message} Look at its permissions.", e);
        }

        trouble.Throw();
        paths.Sort(StringComparer.Ordinal);
        return paths.Count > 0
            ? paths
            : throw new DatasetException($"dataset.path: {folder} has no images; put PNG or JPEG files (.png, .jpg, .jpeg) directly into it.");
    }
}
