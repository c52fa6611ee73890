namespace DivCo.Cluster.Trials;

/// <summary>A checkpoint as the cluster remembers it; the folder holds the rest.</summary>
/// <param name="Name">Folder, such as step-000200-e1.</param>
/// <param name="Path">Its full path, as the silos see it.</param>
/// <param name="Metrics">Values at this step, by their public names.</param>
[GenerateSerializer, Immutable]
public sealed record CheckpointEntry(
    [property: Id(0)] string Name,
    [property: Id(1)] string Path,
    [property: Id(2)] string ManifestSha256,
    [property: Id(3)] int Step,
    [property: Id(4)] uint Epoch,
    [property: Id(5)] Dictionary<string, double> Metrics,
    [property: Id(6)] string WeightsSha256,
    [property: Id(7)] string StateSha256,
    [property: Id(8)] DateTimeOffset WrittenAt);
