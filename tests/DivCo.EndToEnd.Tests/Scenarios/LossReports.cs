using System.Text;
using System.Text.Json;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A line of losses: a step, and the quorum epoch that reported it.</summary>
internal sealed record LossReport(int Step, uint Epoch);

/// <summary>The losses in metrics.jsonl of a sweep's only trial, read from the disk: no server needs to answer for that.</summary>
internal sealed class LossReports(string results, string sweep)
{
    private const int TailBytes = 4096;
    private readonly string _file = Path.Combine(results, sweep, "trials", "0", "metrics.jsonl");

    /// <summary>The steps in the order of the file.</summary>
    public IReadOnlyList<int> Steps => [.. File.ReadLines(_file).Select(Parse).OfType<LossReport>().Select(report => report.Step)];

    /// <summary>The newest one; null: none yet.</summary>
    public LossReport? Last()
    {
        try
        {
            using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = Math.Max(0, file.Length - TailBytes);
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd().Split('\n').Select(Parse).LastOrDefault(report => report is not null);
        }
        catch (IOException)
        {
            // Not written yet, or just replaced by a shorter one.
            return null;
        }
    }

    /// <summary>Waits for the first report of a later epoch than this, or for the last step of all.</summary>
    /// <param name="lastWords">Of what trains; null while it does.</param>
    public Task<LossReport> After(uint epoch, int lastStep, Func<string?> lastWords, Func<string> instead) => Deadline.Until(
        $"the next update after epoch {epoch}",
        () => Task.FromResult(lastWords() is var words && Last() is { } last && (last.Epoch > epoch || last.Step >= lastStep) ? last
            : words is null ? null
            : throw new InvalidOperationException($"Waited for the next update after epoch {epoch}, but nothing trains any more. {instead()}. {words}")),
        TimeSpan.FromMinutes(2), instead, period: TimeSpan.FromMilliseconds(10));

    /// <summary>Null for a checkpoint's line, for the half of a line, and for a line that is not whole yet.</summary>
    private static LossReport? Parse(string line)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<JsonElement>(line);
            return entry.GetProperty("metrics").TryGetProperty("diversity", out _) ? null
                : new LossReport(entry.GetProperty("step").GetInt32(), entry.GetProperty("epoch").GetUInt32());
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
