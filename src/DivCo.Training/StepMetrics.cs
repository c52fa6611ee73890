using System.Diagnostics;
using DivCo.Training.Evaluation;

namespace DivCo.Training;

/// <summary>The metrics of the latest step, and the pace of the steps since the last report: what lies between steps, such as a checkpoint, is not in it.</summary>
/// <param name="losses">Of the newest updates, which may be an earlier quorum epoch's.</param>
internal sealed class StepMetrics(int batchSize, IReadOnlyDictionary<string, double> losses)
{
    /// <summary>Of the fixed samples, at a checkpoint.</summary>
    public const string Diversity = "diversity";

    /// <summary>Of the fixed samples, at a checkpoint: of the condition whose images differ least.</summary>
    public const string SampleVariance = "sample_variance";

    private const string Pace = "samples_per_s";

    private readonly SortedDictionary<string, double> _values = new(losses.ToDictionary(), StringComparer.Ordinal);
    private long _began;
    private long _elapsed;
    private int _steps;

    /// <summary>A copy.</summary>
    public IReadOnlyDictionary<string, double> Latest => new SortedDictionary<string, double>(_values, StringComparer.Ordinal);

    /// <summary>Whether a metric of a checkpoint says nothing of its state's losses.</summary>
    public static bool IsOfRun(string metric) => metric is Pace or Diversity or SampleVariance || EvaluationMetrics.All.Contains(metric);

    public void Add(IReadOnlyDictionary<string, double> losses)
    {
        foreach (var (name, value) in losses)
        {
            _values[name] = value;
        }
    }

    /// <param name="now">Timestamp of the stopwatch.</param>
    public void BeginStep(long now) => _began = now;

    /// <param name="now">Timestamp of the stopwatch.</param>
    public void EndStep(long now)
    {
        _steps++;
        _elapsed += now - _began;
        _values[Pace] = batchSize * _steps / Stopwatch.GetElapsedTime(0, _elapsed).TotalSeconds;
    }

    /// <summary>From the next step on the pace is measured anew.</summary>
    public void RestartPace() => (_elapsed, _steps) = (0, 0);
}
