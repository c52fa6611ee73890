namespace DivCo.Training.Data;

/// <summary>What a data set holds.</summary>
public enum DatasetKind
{
    /// <summary><see cref="Data.LabelledImages"/>.</summary>
    LabelledImages,

    /// <summary><see cref="Data.ImagePairs"/>.</summary>
    ImagePairs,

    /// <summary><see cref="Data.ImageDomains"/>.</summary>
    ImageDomains,
}
