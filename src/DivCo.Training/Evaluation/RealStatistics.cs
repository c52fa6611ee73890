using DivCo.Training.Data;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>All that is computed of the real images, once for any number of states.</summary>
internal sealed class RealStatistics
{
    /// <param name="features">The net; null: nothing that needs one is computed.</param>
    /// <param name="training">Whose samples make the bins.</param>
    /// <param name="test">What features are compared with.</param>
    public RealStatistics(EvaluationSettings settings, IFeatureNet? features, Dataset training, Dataset test, CancellationToken abort)
    {
        if (features is not null)
        {
            Features = FeaturesOf(features, test, settings, abort);
            Gaussian = settings.Wants(EvaluationMetrics.Frechet) ? Gaussian.Fit(Features) : null;
            Near = settings.Wants(EvaluationMetrics.Precision, EvaluationMetrics.Recall) ? Neighbourhoods.Of(Features, PrecisionRecall.Neighbours) : null;
            Wide = settings.Wants(EvaluationMetrics.Density, EvaluationMetrics.Coverage) ? Neighbourhoods.Of(Features, DensityCoverage.Neighbours) : null;
        }

        if (DimensionsOf(settings, training) is { Length: > 0 } dimensions)
        {
            var pixels = Pixels(training, settings, dimensions, abort);
            Bins = new SampleBins(pixels, Math.Min(settings.Bins, pixels.Count), settings.Seed, whitening: true, starts: 3);
        }

        Modes = test as Modes;
    }

    public FeatureRows? Features { get; }

    public Gaussian? Gaussian { get; }

    /// <summary>For precision and recall.</summary>
    public Neighbourhoods? Near { get; }

    /// <summary>For density and coverage.</summary>
    public Neighbourhoods? Wide { get; }

    /// <summary>Of pixels.</summary>
    public SampleBins? Bins { get; }

    /// <summary>The data set where it is the synthetic one.</summary>
    public Modes? Modes { get; }

    /// <summary>The pixels that bins look at; none where no metric asks for bins.</summary>
    public static int[] DimensionsOf(EvaluationSettings settings, Dataset dataset) =>
        settings.Wants(EvaluationMetrics.DifferentBins, EvaluationMetrics.Divergence) ? SampleBins.Dimensions(dataset.ImageLength, settings.Seed) : [];

    private static FeatureRows FeaturesOf(IFeatureNet net, Dataset dataset, EvaluationSettings settings, CancellationToken abort)
    {
        var real = RealImages.Of(dataset);
        var places = RealImages.Choose(real.Count, settings.Samples, settings.Seed);
        float[] features = [];
        for (var start = 0; start < places.Length; start += EvaluationPlan.Rows)
        {
            abort.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Math.Min(EvaluationPlan.Rows, places.Length - start);
            var images = empty([rows, dataset.Channels, dataset.ImageSize, dataset.ImageSize], float32);
            for (var i = 0; i < rows; i++)
            {
                real.Copy(places[start + i], TensorMemory.Floats(images).Slice(i * dataset.ImageLength, dataset.ImageLength));
            }

            var found = TensorMemory.Floats(net.Features(images).contiguous());
            features = features.Length > 0 ? features : new float[places.Length * (found.Length / rows)];
            found.CopyTo(features.AsSpan(start * (found.Length / rows)));
        }

        return new FeatureRows(features, features.Length / places.Length);
    }

    private static FeatureRows Pixels(Dataset dataset, EvaluationSettings settings, int[] dimensions, CancellationToken abort)
    {
        var real = RealImages.Of(dataset);
        var places = RealImages.Choose(real.Count, settings.Samples, settings.Seed);
        var pixels = new float[places.Length * dimensions.Length];
        var image = new float[dataset.ImageLength];
        for (var i = 0; i < places.Length; i++)
        {
            abort.ThrowIfCancellationRequested();
            real.Copy(places[i], image);
            SampleBins.Project(image, dimensions, pixels.AsSpan(i * dimensions.Length, dimensions.Length));
        }

        return new FeatureRows(pixels, dimensions.Length);
    }
}
