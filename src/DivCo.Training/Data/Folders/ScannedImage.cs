namespace DivCo.Training.Data.Folders;

/// <summary>A file of a folder of images, as it was found.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Below the data set's folder, such as <c>train/cat/1.png</c>.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Levels">[parts, channels, load size, load size] after resizing; null where that is not kept.</param>
/// <param name="Fault">Why it cannot be used; null where it can.</param>
internal sealed record ScannedImage(string Path, string Name, string Sha256, (int Width, int Height) Size, int Channels, byte[]? Levels, string? Fault)
{
    /// <summary>Reads, hashes and decodes a file.</summary>
    public static ScannedImage Of(string root, string path, ImageForm form, bool keep)
    {
        var name = System.IO.Path.GetRelativePath(root, path);
        try
        {
            var bytes = ImageScan.ReadBytes(path);
            var pixels = ImageDecoder.Decode(bytes);
            var fits = pixels.Channels == form.Channels && pixels.Width % form.Parts == 0;
            return new ScannedImage(
                path, name, ImageScan.HashOf(bytes), (pixels.Width, pixels.Height), pixels.Channels, keep && fits ? form.Resize(pixels) : null, Fault: null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new ScannedImage(path, name, "", default, 0, null, e.Message);
        }
    }
}
