namespace DivCo.Training.Data;

/// <summary>A data set in the form that a model needs it; the field of a spec that decides a member is named beside it.</summary>
/// <param name="Name"><c>dataset.name</c>.</param>
/// <param name="Split">Which part.</param>
/// <param name="ImageSize"><c>model.image_size</c>: height and width in pixels.</param>
/// <param name="Channels"><c>model.channels</c>: 1 or 3.</param>
/// <param name="DataRoot">Folder with one folder for each data set (DIVCO_DATA); null: where the system's packages put them.</param>
public sealed record DatasetRequest(string Name, Split Split, int ImageSize, int Channels, string? DataRoot)
{
    /// <summary>What it must hold, as the task needs it: a folder of images can be read in three ways. Null: what the set of this name holds.</summary>
    public DatasetKind? Kind { get; init; }

    /// <summary><c>dataset.path</c>, of an image-folder: absolute, or below <see cref="DataRoot"/>.</summary>
    public string? Path { get; init; }

    /// <summary><c>dataset.load_size</c>, of an image-folder: resized to this, then cropped to <see cref="ImageSize"/>; null: the same.</summary>
    public int? LoadSize { get; init; }

    /// <summary><c>dataset.flip</c>: whether images may be mirrored. A test split is never varied.</summary>
    public bool Flip { get; init; }

    /// <summary>What the trial of a config is given.</summary>
    public static DatasetRequest Of(TrainingConfig config, Split split, string? dataRoot)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new DatasetRequest(config.Dataset.Name, split, config.Model.ImageSize, config.Model.Channels, dataRoot)
        {
            Kind = DatasetKinds.NeededBy(config.Task),
            Path = config.Dataset.Path,
            LoadSize = config.Dataset.LoadSize,
            Flip = config.Dataset.Flip && split == Split.Train,
        };
    }
}
