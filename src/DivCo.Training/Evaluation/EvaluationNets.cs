using DivCo.Training.Data;
using DivCo.Training.Evaluation.FeatureNets;

namespace DivCo.Training.Evaluation;

/// <summary>The nets of an evaluation; null where no metric asks for one.</summary>
internal sealed class EvaluationNets : IDisposable
{
    private readonly Classifier? _classifier;

    /// <param name="cacheFolder">Of classifiers that were trained before.</param>
    /// <exception cref="EvaluationException">A given file does not hold the weights.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public EvaluationNets(EvaluationSettings settings, Dataset training, Dataset test, string cacheFolder, CancellationToken abort)
    {
        var wantsFeatures = settings.Wants(
            EvaluationMetrics.Frechet, EvaluationMetrics.Kernel, EvaluationMetrics.KernelError, EvaluationMetrics.Precision, EvaluationMetrics.Recall,
            EvaluationMetrics.Density, EvaluationMetrics.Coverage);
        var wantsLayers = settings.Wants(EvaluationMetrics.Perceptual);
        try
        {
            Features = wantsFeatures && settings.InceptionWeights is { } inception ? new InceptionV3(inception) : null;
            Layers = wantsLayers && settings.LpipsWeights is { } lpips ? new LpipsAlexNet(lpips) : null;
            if ((wantsFeatures && Features is null) || (wantsLayers && Layers is null))
            {
                _classifier = new ClassifierCache(cacheFolder, settings.ClassifierSamples).Open(ClassifierData.Of(training), ClassifierData.Of(test), settings.Seed, abort);
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Features ??= wantsFeatures ? _classifier : null;
        Layers ??= wantsLayers ? _classifier : null;
    }

    public IFeatureNet? Features { get; }

    public IPerceptualNet? Layers { get; }

    public void Dispose()
    {
        _classifier?.Dispose();
        (Features as InceptionV3)?.Dispose();
        (Layers as LpipsAlexNet)?.Dispose();
    }
}
