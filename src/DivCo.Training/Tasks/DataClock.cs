using System.Diagnostics;

namespace DivCo.Training.Tasks;

/// <summary>How long a task has spent on bringing samples in.</summary>
internal sealed class DataClock
{
    public TimeSpan Elapsed { get; private set; }

    /// <param name="began">Timestamp of the stopwatch.</param>
    public void Add(long began) => Elapsed += Stopwatch.GetElapsedTime(began);
}
