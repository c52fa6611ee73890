namespace DivCo.Training.Data;

/// <summary>A data set in the form that a model needs it; the field of a spec that decides a member is named beside it.</summary>
/// <param name="Name"><c>dataset.name</c>.</param>
/// <param name="Split">Which part.</param>
/// <param name="ImageSize"><c>model.image_size</c>: height and width in pixels.</param>
/// <param name="Channels"><c>model.channels</c>: 1 or 3.</param>
/// <param name="DataRoot">Folder with one folder for each data set (DIVCO_DATA); null: where the system's packages put them.</param>
public sealed record DatasetRequest(string Name, Split Split, int ImageSize, int Channels, string? DataRoot)
{
    /// <summary><c>dataset.flip</c>: whether images may be mirrored. A test split is never varied.</summary>
    public bool Flip { get; init; }

    /// <summary>What the trial of a config is given.</summary>
    public static DatasetRequest Of(TrainingConfig config, Split split, string? dataRoot)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new DatasetRequest(config.Dataset.Name, split, config.Model.ImageSize, config.Model.Channels, dataRoot)
        {
            Flip = config.Dataset.Flip && split == Split.Train,
        };
    }
}
