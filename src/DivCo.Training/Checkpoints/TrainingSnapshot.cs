namespace DivCo.Training.Checkpoints;

/// <summary>All that a training needs to go on: everything else (counters, positions in the data, random streams) derives from the step.</summary>
/// <param name="Step">Steps completed, at least 0.</param>
/// <param name="Weights">Parameters and buffers of all networks.</param>
/// <param name="Moments">The optimisers' moments.</param>
public sealed record TrainingSnapshot(int Step, IReadOnlyList<TensorRecord> Weights, IReadOnlyList<TensorRecord> Moments);
