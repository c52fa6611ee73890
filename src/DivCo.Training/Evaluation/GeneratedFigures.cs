namespace DivCo.Training.Evaluation;

/// <summary>What is kept of the generated images of one call.</summary>
/// <param name="Features">[rows, F]; empty where no metric asks for features.</param>
/// <param name="Pixels">[rows, used dimensions]; empty where no metric asks for bins.</param>
/// <param name="ModeHits">On the synthetic set, class * modes + mode of each image, or -1; else empty.</param>
internal sealed record GeneratedFigures(float[] Features, float[] Pixels, int[] ModeHits);
