using System.Diagnostics;

namespace DivCo.Training;

/// <summary>The metrics of the latest step, and the pace since the last report.</summary>
/// <param name="losses">Of the newest updates, which may be an earlier quorum epoch's.</param>
/// <param name="started">Timestamp of the stopwatch when training began.</param>
internal sealed class StepMetrics(int batchSize, IReadOnlyDictionary<string, double> losses, long started)
{
    /// <summary>Of the fixed samples, at a checkpoint.</summary>
    public const string Diversity = "diversity";

    private const string Pace = "samples_per_s";

    private readonly SortedDictionary<string, double> _values = new(losses.ToDictionary(), StringComparer.Ordinal);
    private long _since = started;
    private int _steps;

    /// <summary>A copy.</summary>
    public IReadOnlyDictionary<string, double> Latest => new SortedDictionary<string, double>(_values, StringComparer.Ordinal);

    /// <summary>Whether a metric of a checkpoint says nothing of its state's losses.</summary>
    public static bool IsOfRun(string metric) => metric is Pace or Diversity;

    public void Add(IReadOnlyDictionary<string, double> losses)
    {
        foreach (var (name, value) in losses)
        {
            _values[name] = value;
        }
    }

    /// <param name="now">Timestamp of the stopwatch.</param>
    public void EndStep(long now)
    {
        _steps++;
        _values[Pace] = batchSize * _steps / Stopwatch.GetElapsedTime(_since, now).TotalSeconds;
    }

    /// <summary>From here on the pace is measured anew.</summary>
    /// <param name="now">Timestamp of the stopwatch.</param>
    public void RestartPace(long now) => (_since, _steps) = (now, 0);
}
