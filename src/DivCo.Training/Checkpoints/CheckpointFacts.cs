namespace DivCo.Training.Checkpoints;

/// <summary>What a manifest says of a snapshot beyond its tensors.</summary>
/// <param name="TrialId">Such as <c>fashion-tau/3</c>.</param>
/// <param name="TrialHash">SHA-256 of the resolved trial.</param>
/// <param name="Epoch">Quorum epoch of the writer.</param>
/// <param name="HardwareClass">Device model, library version and settings that the bits depend on.</param>
/// <param name="Metrics">The trial's metrics at this step.</param>
/// <param name="Trial">The resolved trial as JSON, for <c>trial.json</c>: with it the checkpoint can be used alone. Null: no such file.</param>
/// <param name="DatasetSha256">Of the data set trained on; null where nobody knows.</param>
public sealed record CheckpointFacts(
    string TrialId,
    string TrialHash,
    uint Epoch,
    string HardwareClass,
    IReadOnlyDictionary<string, double> Metrics,
    string? Trial = null,
    string? DatasetSha256 = null);
