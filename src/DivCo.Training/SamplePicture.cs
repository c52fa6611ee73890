using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>The images of a picture of samples: a row for each condition, which begins with the condition itself where that is an image.</summary>
internal static class SamplePicture
{
    /// <param name="samples">Of <see cref="FixedSamples.Generate"/>.</param>
    /// <returns>Images [rows, columns, C, H, W].</returns>
    public static (int Rows, int Columns, float[] Images) Of(GanTask task, float[] samples)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var conditions = task.PictureConditions;
        var rowLength = samples.Length / conditions.Count;
        var images = new List<float>(samples.Length);
        var columns = FixedSamples.PerCondition;
        for (var row = 0; row < conditions.Count; row++)
        {
            if (task.ConditionImage(conditions[row]) is { } condition)
            {
                images.AddRange(TensorMemory.Floats(condition.contiguous()));
                columns = FixedSamples.PerCondition + 1;
            }

            images.AddRange(samples.AsSpan(row * rowLength, rowLength));
        }

        return (conditions.Count, columns, [.. images]);
    }
}
