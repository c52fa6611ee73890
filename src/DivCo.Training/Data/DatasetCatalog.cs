using DivCo.Training.Data.Folders;

namespace DivCo.Training.Data;

/// <summary>The data sets by name. Each is decoded once in a process and shared from then on.</summary>
public static class DatasetCatalog
{
    /// <summary>The environment variable that names a folder of data sets, for <see cref="DatasetRequest.DataRoot"/>.</summary>
    public const string DataRootVariable = "DIVCO_DATA";

    private static readonly Lock _gate = new();
    private static readonly Dictionary<DatasetRequest, (string? Fingerprint, Dataset Dataset)> _opened = [];

    /// <summary>Names that <see cref="Open(DatasetRequest)"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [FashionMnist.DatasetName, Modes.DatasetName, Cifar10.DatasetName, FashionEdges.DatasetName, FashionDomains.DatasetName, ImageFolder.DatasetName];

    /// <summary>Opens what a trial trains on or is compared with.</summary>
    /// <exception cref="DatasetException">As of <see cref="Open(DatasetRequest)"/>.</exception>
    /// <exception cref="TrainingConfigException">The set is not of the kind that the trial's task needs.</exception>
    public static Dataset Open(TrainingConfig config, Split split, string? dataRoot)
    {
        var dataset = Open(DatasetRequest.Of(config, split, dataRoot));
        var needed = DatasetKinds.NeededBy(config.Task);
        return dataset.Kind == needed ? dataset : throw DatasetKinds.Mismatch(dataset.Name, dataset.Kind, config.Task, needed);
    }

    /// <summary>Opens a data set as it is, nothing mirrored.</summary>
    /// <inheritdoc cref="Open(DatasetRequest)"/>
    public static Dataset Open(string name, Split split, int imageSize, int channels, string? dataRoot) =>
        Open(new DatasetRequest(name, split, imageSize, channels, dataRoot));

    /// <summary>Opens a data set and checks that it is complete and undamaged.</summary>
    /// <exception cref="DatasetException">Unknown, not available in this form, missing or damaged. A failure is not remembered: try again once it is mended.</exception>
    public static Dataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var key = request with
        {
            Kind = request.Name == ImageFolder.DatasetName ? request.Kind : null,
            DataRoot = string.IsNullOrEmpty(request.DataRoot) ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.DataRoot)),
        };

        // Held while decoding, so that devices that start together decode once.
        lock (_gate)
        {
            // A person's folder may change while a server lives; the other sets are proven by their hashes.
            var fingerprint = key.Name == ImageFolder.DatasetName ? ImageFolder.Fingerprint(key) : null;
            if (!_opened.TryGetValue(key, out var opened) || opened.Fingerprint != fingerprint)
            {
                _opened[key] = opened = (fingerprint, Read(key));
            }

            return opened.Dataset;
        }
    }

    private static Dataset Read(DatasetRequest request) => request.Name switch
    {
        FashionMnist.DatasetName => FashionMnist.Read(request),
        FashionEdges.DatasetName => new FashionEdges(Photographs(request), request.Flip),
        FashionDomains.DatasetName => new FashionDomains(Photographs(request), request.Flip),
        Modes.DatasetName => Modes.Create(request.ImageSize, request.Channels, request.Split),
        Cifar10.DatasetName => Cifar10.Read(request),
        ImageFolder.DatasetName => ImageFolder.Open(request),
        _ => throw new DatasetException($"dataset.name is \"{request.Name}\"; allowed: {string.Join(", ", Names)}"),
    };

    /// <summary>Fashion-MNIST, shared with whoever else opened it; the lock is held already and may be entered again.</summary>
    private static FashionMnist Photographs(DatasetRequest request) =>
        (FashionMnist)Open(request with { Name = FashionMnist.DatasetName, Flip = false });
}
