using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>Images of a trained model, in evaluation mode. The same condition, seed and number give the same image, however many are asked for.</summary>
/// <remarks>For one thread at a time.</remarks>
/// <param name="seed">Of the latents. With the trial's own, the first sixteen random ones are those of its sample pictures.</param>
public sealed class ImageGenerator(TrainedModel model, ulong seed)
{
    private readonly PhiloxStream _stream = new(seed, StreamPurpose.EvaluationLatent);

    /// <summary>Conditions are numbered from 0.</summary>
    public int Conditions => model.Task.Conditions;

    /// <summary>Names of the conditions; null where they are images.</summary>
    public IReadOnlyList<string>? ConditionNames => (model.Dataset as LabelledImages)?.ClassNames;

    /// <summary>A few conditions that stand for all.</summary>
    public IReadOnlyList<int> PictureConditions => model.Task.PictureConditions;

    public int LatentDim => model.Task.LatentDim;

    public int Channels => model.Dataset.Channels;

    public int ImageSize => model.Dataset.ImageSize;

    /// <summary>Independent codes of N(0, 1), [count, latent dim].</summary>
    public float[] RandomLatents(int condition, int count)
    {
        var latents = new float[count * LatentDim];
        for (var i = 0; i < count; i++)
        {
            LatentAugmentation.Normals(_stream, 0, condition, i, latents.AsSpan(i * LatentDim, LatentDim));
        }

        return latents;
    }

    /// <summary>Codes on the way from the first random code to the second, [count, latent dim]: along the great circle, so that each is as likely as a random one.</summary>
    public float[] Walk(int condition, int count)
    {
        var ends = RandomLatents(condition, 2);
        var (from, to) = (ends[..LatentDim], ends[LatentDim..]);
        var latents = new float[count * LatentDim];
        for (var i = 0; i < count; i++)
        {
            var share = count == 1 ? 0 : (double)i / (count - 1);
            var (first, second) = Weights(from, to, share);
            for (var j = 0; j < LatentDim; j++)
            {
                latents[(i * LatentDim) + j] = (float)((first * from[j]) + (second * to[j]));
            }
        }

        return latents;
    }

    /// <param name="latents">[count, latent dim].</param>
    /// <returns>[count, C, H, W] in [-1, 1].</returns>
    public float[] Generate(int condition, ReadOnlySpan<float> latents)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)condition, (uint)Conditions, nameof(condition));
        const int rows = FixedSamples.PerCondition;
        TorchRuntime.EnterThread();
        var (count, length) = (latents.Length / LatentDim, Channels * ImageSize * ImageSize);
        var images = new float[count * length];
        for (var first = 0; first < count; first += rows)
        {
            using var scope = NewDisposeScope();
            var taken = Math.Min(rows, count - first);

            // Always the same number of rows in a call: bits depend on it.
            var call = zeros([rows, LatentDim], float32);
            latents.Slice(first * LatentDim, taken * LatentDim).CopyTo(TensorMemory.Floats(call));
            var generated = model.Task.Generate(model.Task.State, condition, call).contiguous();
            TensorMemory.Floats(generated)[..(taken * length)].CopyTo(images.AsSpan(first * length));
        }

        return images;
    }

    /// <summary>The image that a condition is, [C, H, W]; null where conditions are no images.</summary>
    public float[]? ConditionImage(int condition)
    {
        using var scope = NewDisposeScope();
        return model.Task.ConditionImage(condition) is { } image ? TensorMemory.Floats(image.contiguous()).ToArray() : null;
    }

    private static (double First, double Second) Weights(float[] from, float[] to, double share)
    {
        var (dot, one, other) = (0.0, 0.0, 0.0);
        for (var i = 0; i < from.Length; i++)
        {
            (dot, one, other) = (dot + ((double)from[i] * to[i]), one + ((double)from[i] * from[i]), other + ((double)to[i] * to[i]));
        }

        var angle = Math.Acos(Math.Clamp(dot / Math.Sqrt(one * other), -1, 1));
        return angle is < 1e-6 or > Math.PI - 1e-6
            ? (1 - share, share)
            : (Math.Sin((1 - share) * angle) / Math.Sin(angle), Math.Sin(share * angle) / Math.Sin(angle));
    }
}
