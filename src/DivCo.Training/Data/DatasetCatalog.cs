namespace DivCo.Training.Data;

/// <summary>The data sets by name. Each is decoded once in a process and shared from then on.</summary>
public static class DatasetCatalog
{
    /// <summary>The environment variable that names a folder of data sets, for <c>dataRoot</c>.</summary>
    public const string DataRootVariable = "DIVCO_DATA";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string Name, int ImageSize, int Channels, string? DataRoot), Dataset> Opened = [];

    /// <summary>Names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [FashionMnist.DatasetName, Modes.DatasetName];

    /// <summary>Opens a data set and checks that it is complete and undamaged.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="dataRoot">Folder with one folder for each data set (DIVCO_DATA); null: where the system's packages put them.</param>
    /// <exception cref="DatasetException">Unknown, not available in this form, missing or damaged. A failure is not remembered: try again once it is mended.</exception>
    public static Dataset Open(string name, int imageSize, int channels, string? dataRoot)
    {
        (string, int, int, string?) key = (name, imageSize, channels, string.IsNullOrEmpty(dataRoot) ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataRoot)));

        // Held while decoding, so that devices that start together decode once.
        lock (Gate)
        {
            if (!Opened.TryGetValue(key, out Dataset? dataset))
            {
                dataset = Read(name, imageSize, channels, key.Item4);
                Opened.Add(key, dataset);
            }

            return dataset;
        }
    }

    private static Dataset Read(string name, int imageSize, int channels, string? dataRoot) => name switch
    {
        FashionMnist.DatasetName => FashionMnist.Read(imageSize, channels, dataRoot),
        Modes.DatasetName => Modes.Create(imageSize, channels),
        _ => throw new DatasetException($"dataset.name is \"{name}\"; allowed: {string.Join(", ", Names)}"),
    };
}
