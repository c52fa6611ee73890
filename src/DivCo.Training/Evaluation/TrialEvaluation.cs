using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>How a trial judges itself while it trains, on its own workers; the same on all of them.</summary>
/// <param name="Every">Steps between evaluations, at checkpoints; the last step always has one.</param>
/// <param name="ImagesPerStep">
/// The most images that all workers together generate and look at between two steps: the bound on what evaluation costs the step loop. At least one call
/// of up to 50 images is made.
/// </param>
/// <param name="Test">The test split.</param>
/// <param name="CacheFolder">Where classifiers are kept, shared by any number of processes.</param>
public sealed record TrialEvaluation(int Every, int ImagesPerStep, EvaluationSettings Settings, Dataset Test, string CacheFolder);
