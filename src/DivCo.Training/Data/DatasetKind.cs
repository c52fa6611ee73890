namespace DivCo.Training.Data;

/// <summary>What a data set holds.</summary>
internal enum DatasetKind
{
    LabelledImages,
    ImagePairs,
    ImageDomains,
}
