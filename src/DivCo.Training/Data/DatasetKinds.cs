using DivCo.Training.Data.Folders;

namespace DivCo.Training.Data;

/// <summary>Which kind of data set a task needs, and which sets are of it.</summary>
public static class DatasetKinds
{
    private static readonly (string Name, DatasetKind Kind)[] _sets =
    [
        (FashionMnist.DatasetName, DatasetKind.LabelledImages),
        (Modes.DatasetName, DatasetKind.LabelledImages),
        (Cifar10.DatasetName, DatasetKind.LabelledImages),
        (FashionEdges.DatasetName, DatasetKind.ImagePairs),
        (FashionDomains.DatasetName, DatasetKind.ImageDomains),
    ];

    /// <summary>Names of the sets that are, or can be, of a kind.</summary>
    internal static IEnumerable<string> NamesOf(DatasetKind kind) => _sets.Where(set => set.Kind == kind).Select(set => set.Name).Append(ImageFolder.DatasetName);

    internal static DatasetKind Of<T>()
        where T : Dataset =>
        typeof(T) == typeof(ImagePairs) ? DatasetKind.ImagePairs
        : typeof(T) == typeof(ImageDomains) ? DatasetKind.ImageDomains
        : DatasetKind.LabelledImages;

    /// <summary>The kind that the task of a trial needs; an unknown task is told elsewhere.</summary>
    public static DatasetKind NeededBy(string task) => task switch
    {
        "paired" => DatasetKind.ImagePairs,
        "unpaired" => DatasetKind.ImageDomains,
        _ => DatasetKind.LabelledImages,
    };

    internal static TrainingConfigException Mismatch(string name, DatasetKind found, string task, DatasetKind needed) => new(
        $"trial.dataset.name: {name} holds {InWords(found)}, but task {task} trains on {InWords(needed)}; allowed: {string.Join(", ", NamesOf(needed))}.");

    private static string InWords(DatasetKind kind) => kind switch
    {
        DatasetKind.ImagePairs => "pairs of images",
        DatasetKind.ImageDomains => "images of two domains",
        _ => "labelled images",
    };
}
