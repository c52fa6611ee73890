using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Judges states of trials on one data set: images generated under the conditions of the test split are compared with its real ones. What is computed
/// of the real images is computed once. The same state and settings give the same figures, bit for bit on one class of hardware.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class Evaluator : IDisposable
{
    private readonly EvaluationSettings _settings;
    private readonly Dataset _test;
    private readonly EvaluationNets _nets;
    private readonly RealStatistics _real;

    /// <summary>Opens the nets, which may train the classifier first (one to two minutes), and looks at the real images.</summary>
    /// <param name="training">The training split, whose samples make the bins of NDB and JSD, and train the classifier.</param>
    /// <param name="test">The test split.</param>
    /// <param name="cacheFolder">Where classifiers are kept, shared by any number of processes.</param>
    /// <exception cref="EvaluationException">A setting is out of range, or a given file does not hold the weights that it should.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public Evaluator(EvaluationSettings settings, Dataset training, Dataset test, string cacheFolder, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentException.ThrowIfNullOrEmpty(cacheFolder);
        settings.Check();
        TorchRuntime.Initialise();
        TorchRuntime.EnterThread();
        (_settings, _test) = (settings, test);
        _nets = new EvaluationNets(settings, training, test, cacheFolder, abort);
        try
        {
            _real = new RealStatistics(settings, _nets.Features, training, test, abort);
        }
        catch
        {
            _nets.Dispose();
            throw;
        }
    }

    /// <summary>The figures of a trained model.</summary>
    /// <param name="model">Made with the test split, so that its conditions are those of the test split.</param>
    /// <exception cref="EvaluationException">The model is of another data set.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public EvaluationResult Evaluate(TrainedModel model, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Dataset.Sha256 != _test.Sha256)
        {
            throw new EvaluationException($"the model was made with other images ({model.Dataset.Name}) than the test split of {_test.Name} that it is compared with");
        }

        TorchRuntime.EnterThread();
        var task = model.Task;
        var plan = EvaluationPlan.Of(_test, task.Conditions, _settings.Samples, _settings.Seed);
        var images = new GeneratedImages(task, _settings, _nets, RealStatistics.DimensionsOf(_settings, _test), _test as Modes);
        var generated = plan.Chunks.Select(chunk => Unless(() => images.Compute(chunk), abort)).ToArray();
        var pairs = _nets.Layers is null ? [] : plan.PairConditions.Select(condition => Unless(() => images.ComputePairs(condition), abort)).ToArray();
        return new EvaluationResult(model.Step, plan.Chunks.Sum(chunk => chunk.Rows), FigureSets.Of(_settings, _nets, _real, generated, pairs));
    }

    public void Dispose() => _nets.Dispose();

    private static T Unless<T>(Func<T> compute, CancellationToken abort)
    {
        abort.ThrowIfCancellationRequested();
        return compute();
    }
}
