using DivCo.Training.Data;
using DivCo.Training.Tasks;

namespace DivCo.Training.Evaluation;

/// <summary>
/// What a replica needs to judge its states: the nets, the task over the test split with a copy of the weights, and, where figures are computed, what is
/// known of the real images. It lives as long as the replica.
/// </summary>
internal sealed class ReplicaEvaluation : IDisposable
{
    private readonly EvaluationNets _nets;
    private readonly Dataset _training;
    private readonly Lock _gate = new();
    private RealStatistics? _real;

    /// <summary>Opens the nets, which may train the classifier first.</summary>
    /// <exception cref="EvaluationException">A setting is out of range, or a given file does not hold the weights that it should.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public ReplicaEvaluation(TrialEvaluation evaluation, TrainingConfig config, Dataset training, CancellationToken abort)
    {
        evaluation.Settings.Check();
        (Evaluation, _training) = (evaluation, training);
        _nets = new EvaluationNets(evaluation.Settings, training, evaluation.Test, evaluation.CacheFolder, abort);
        Task = TaskCatalog.Create(config, evaluation.Test);
        var dimensions = RealStatistics.DimensionsOf(evaluation.Settings, evaluation.Test);
        var modes = evaluation.Test as Modes;
        Images = new GeneratedImages(Task, evaluation.Settings, _nets, dimensions, modes);
        Shape = new EvaluationShape(_nets.Features?.Length ?? 0, dimensions.Length, modes is not null);
        Calls = EvaluationCall.Of(EvaluationPlan.Of(evaluation.Test, Task.Conditions, evaluation.Settings.Samples, evaluation.Settings.Seed), withPairs: _nets.Layers is not null);
    }

    public TrialEvaluation Evaluation { get; }

    /// <summary>Over the test split; its state is that which is judged.</summary>
    public GanTask Task { get; }

    public GeneratedImages Images { get; }

    public EvaluationShape Shape { get; }

    public IReadOnlyList<EvaluationCall> Calls { get; }

    /// <summary>Makes all calls here; on any thread.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public IReadOnlyList<byte[]> Compute(CancellationToken abort)
    {
        TorchRuntime.EnterThread();
        return
        [
            .. Calls.Select(call =>
            {
                abort.ThrowIfCancellationRequested();
                return call.Compute(Images);
            }),
        ];
    }

    /// <summary>The figures that follow from the results of all calls; on any thread.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public IReadOnlyDictionary<string, double> Figures(IReadOnlyList<byte[]> results, CancellationToken abort)
    {
        lock (_gate)
        {
            TorchRuntime.EnterThread();
            var settings = Evaluation.Settings;
            _real ??= new RealStatistics(settings, _nets.Features, _training, Evaluation.Test, abort);
            abort.ThrowIfCancellationRequested();
            var byKind = Calls.Zip(results).ToLookup(result => result.First.IsPairs);
            GeneratedFigures[] generated = [.. byKind[false].Select(result => result.First.Figures(result.Second, Shape))];
            double[][] pairs = [.. byKind[true].Select(result => EvaluationCall.Pairs(result.Second))];
            return FigureSets.Of(settings, _nets, _real, generated, pairs).SelectMany(set => set.Figures).ToDictionary();
        }
    }

    public void Dispose()
    {
        Task.Dispose();
        _nets.Dispose();
    }
}
