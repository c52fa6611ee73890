using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>Generates images of one state of a task and computes what is kept of them; each call by itself, the same bits whoever makes it.</summary>
/// <param name="task">Whose conditions are those of the test split.</param>
/// <param name="dimensions">The pixels that are kept for bins.</param>
/// <param name="modes">The data set where it is the synthetic one.</param>
internal sealed class GeneratedImages(GanTask task, EvaluationSettings settings, EvaluationNets nets, int[] dimensions, Modes? modes)
{
    private readonly PhiloxStream _latents = new(settings.Seed, StreamPurpose.EvaluationLatent);
    private readonly double _hitDistance = modes is null ? 0 : ModeCoverage.HitDistance(modes);

    /// <summary>What is kept of images that are compared with real ones.</summary>
    public GeneratedFigures Compute(SampleChunk chunk)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var images = Generate(chunk);
        var features = nets.Features is { } net ? TensorMemory.Floats(net.Features(images).contiguous()).ToArray() : [];
        var pixels = TensorMemory.Floats(images);
        return new GeneratedFigures(features, Project(pixels, chunk.Rows), Hits(pixels, chunk));
    }

    /// <summary>Perceptual distances of random pairs of images of one condition.</summary>
    public double[] ComputePairs(int condition)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var images = Generate(new SampleChunk(condition, 0, EvaluationPlan.PairImages));
        var pairs = RandomPairs.Of(EvaluationPlan.PairImages, EvaluationPlan.PairImages, settings.Seed, condition);
        var (one, other) = (Rows(pairs.Select(pair => pair.One)), Rows(pairs.Select(pair => pair.Other)));
        var layers = nets.Layers!.Layers(images);
        return PerceptualDistance.Of(
            [.. layers.Select(layer => layer.index_select(0, one))], [.. layers.Select(layer => layer.index_select(0, other))], nets.Layers.Weights);
    }

    private static Tensor Rows(IEnumerable<int> rows) => tensor(rows.Select(row => (long)row).ToArray()).clone();

    private Tensor Generate(SampleChunk chunk)
    {
        var latents = empty([chunk.Rows, task.LatentDim], float32);
        for (var i = 0; i < chunk.Rows; i++)
        {
            LatentAugmentation.Normals(
                _latents, time: 1, chunk.Condition, chunk.First + i, TensorMemory.Floats(latents).Slice(i * task.LatentDim, task.LatentDim));
        }

        return task.Generate(task.State, chunk.Condition, latents).contiguous();
    }

    private float[] Project(ReadOnlySpan<float> images, int rows)
    {
        var length = images.Length / rows;
        var projected = new float[rows * dimensions.Length];
        for (var i = 0; i < rows && projected.Length > 0; i++)
        {
            SampleBins.Project(images.Slice(i * length, length), dimensions, projected.AsSpan(i * dimensions.Length, dimensions.Length));
        }

        return projected;
    }

    private int[] Hits(ReadOnlySpan<float> images, SampleChunk chunk)
    {
        if (modes is null)
        {
            return [];
        }

        var hits = new int[chunk.Rows];
        for (var i = 0; i < hits.Length; i++)
        {
            var mode = ModeCoverage.ModeOf(images.Slice(i * modes.ImageLength, modes.ImageLength), chunk.Condition, modes, _hitDistance);
            hits[i] = mode is { } hit ? (chunk.Condition * Modes.ModesPerClass) + hit : -1;
        }

        return hits;
    }
}
