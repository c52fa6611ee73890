namespace DivCo.Training.Data.Folders;

/// <summary>The images of one folder, which are alike in form: each is one square, or several beside each other, resized.</summary>
internal sealed class ImageGroup(ImageForm form, IReadOnlyList<ScannedImage> files)
{
    public int Count => files.Count;

    public IReadOnlyList<ScannedImage> Files => files;

    /// <summary>Copies a window of the model's size from a part of an image: values in [-1, 1].</summary>
    /// <exception cref="DatasetException">The file was changed since the set was opened.</exception>
    public void Copy(int index, int part, Augmentation augmentation, Span<float> chw)
    {
        var (load, size) = (form.LoadSize, form.ImageSize);
        ReadOnlySpan<byte> levels = (files[index].Levels ?? Read(files[index])).AsSpan(part * form.Channels * load * load);
        var (left, top) = (augmentation.Left(load, size), augmentation.Top(load, size));
        for (var channel = 0; channel < form.Channels; channel++)
        {
            for (var row = 0; row < size; row++)
            {
                PixelValues.Scale(levels.Slice((((channel * load) + top + row) * load) + left, size), chw.Slice(((channel * size) + row) * size, size));
            }
        }

        if (form.Flip && augmentation.Flip)
        {
            Augmentation.Mirror(chw, size);
        }
    }

    private byte[] Read(ScannedImage file)
    {
        try
        {
            var bytes = ImageScan.ReadBytes(file.Path);
            return ImageScan.HashOf(bytes) == file.Sha256
                ? form.Resize(ImageDecoder.Decode(bytes))
                : throw new InvalidDataException("was changed since the data set was opened; put it back");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{file.Path} {e.Message}", e);
        }
    }
}
