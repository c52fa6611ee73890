using DivCo.Training.Latents;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>
/// Images from latents that are the same at every checkpoint, in evaluation mode. One call of the generator has always the same number of
/// rows, on which bits depend, whatever the batch and the shards are.
/// </summary>
internal static class FixedSamples
{
    /// <summary>Latents of each condition.</summary>
    public const int PerCondition = 16;

    /// <param name="state">The task's state, or a copy of it.</param>
    /// <returns>[picture conditions, 16, C, H, W] in [-1, 1].</returns>
    public static float[] Generate(GanTask task, IReadOnlyList<FlatTensors> state, ulong seed)
    {
        var stream = new PhiloxStream(seed, StreamPurpose.EvaluationLatent);
        float[] images = [];
        var conditions = task.PictureConditions;
        for (var row = 0; row < conditions.Count; row++)
        {
            using var scope = NewDisposeScope();
            var latents = empty([PerCondition, task.LatentDim], float32);
            for (var i = 0; i < PerCondition; i++)
            {
                LatentAugmentation.Normals(stream, 0, conditions[row], i, TensorMemory.Floats(latents).Slice(i * task.LatentDim, task.LatentDim));
            }

            var generated = TensorMemory.Floats(task.Generate(state, conditions[row], latents).contiguous());
            images = images.Length > 0 ? images : new float[conditions.Count * generated.Length];
            generated.CopyTo(images.AsSpan(row * generated.Length));
        }

        return images;
    }
}
