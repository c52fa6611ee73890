namespace DivCo.Training.Data.Folders;

/// <summary>Labelled images, a folder for each class.</summary>
internal sealed class ClassFolders : LabelledImages
{
    private readonly IReadOnlyList<ImageGroup> _classes;
    private readonly ImageForm _form;

    /// <summary>Index of the first image of each class, and the number of all.</summary>
    private readonly int[] _starts;

    public ClassFolders(IReadOnlyList<string> names, IReadOnlyList<ImageGroup> classes, ImageForm form)
    {
        (ClassNames, _classes, _form) = (names, classes, form);
        _starts = [0, .. classes.Select((_, i) => classes.Take(i + 1).Sum(group => group.Count))];
        Sha256 = ImageFolder.HashOf("classes", classes.SelectMany(group => group.Files));
    }

    public override string Name => ImageFolder.DatasetName;

    public override int Count => _starts[^1];

    public override int Channels => _form.Channels;

    public override int ImageSize => _form.ImageSize;

    public override string Sha256 { get; }

    public override IReadOnlyList<string> ClassNames { get; }

    /// <summary>The folder that holds a folder for each class.</summary>
    public static string Base(string root, Split split)
    {
        string[] places = split == Split.Train ? ["train"] : ["test", "val"];
        return places.Select(place => Path.Combine(root, place)).FirstOrDefault(Directory.Exists)
            ?? (split == Split.Train ? root : throw new DatasetException(
                $"dataset.path: {root} has no folder test or val; put a folder for each class with images to compare with there."));
    }

    /// <summary>The classes, in ordinal order of the names that they are trained with.</summary>
    public static IReadOnlyList<string> Names(string root, Split split)
    {
        var names = Folders(Base(root, Split.Train));
        var found = split == Split.Train ? names : Folders(Base(root, split));
        return names.Count == 0 ? throw new DatasetException($"dataset.path: {Base(root, Split.Train)} has no folders; put the images of each class into a folder of its name.")
            : names.SequenceEqual(found) ? names
            : throw new DatasetException(
                $"dataset.path: {Base(root, split)} has the classes {string.Join(", ", found)}, but {Base(root, Split.Train)} has {string.Join(", ", names)}; give both the same.");
    }

    public override int Label(int index)
    {
        CheckIndex(index);
        var place = Array.BinarySearch(_starts, index);
        return place >= 0 ? place : ~place - 1;
    }

    private protected override void Copy(int index, Augmentation augmentation, Span<float> chw)
    {
        var label = Label(index);
        _classes[label].Copy(index - _starts[label], 0, augmentation, chw);
    }

    private static List<string> Folders(string folder) =>
        [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];
}
