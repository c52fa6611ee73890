using System.Text.Json;
using DivCo.Protocol;

namespace DivCo.Cluster.Trials;

/// <summary>metrics.jsonl of one trial: a line for every report and every checkpoint, as they came.</summary>
internal sealed class MetricsFile(string path)
{
    /// <summary>The last step and the last value of each metric.</summary>
    public async Task<(int Step, Dictionary<string, double> Latest)> Last(CancellationToken cancellation)
    {
        var step = 0;
        var latest = new Dictionary<string, double>();
        if (File.Exists(path))
        {
            await foreach (var line in File.ReadLinesAsync(path, cancellation))
            {
                if (Parse(line) is { } entry)
                {
                    step = Math.Max(step, entry.Step);
                    foreach (var (name, value) in entry.Metrics)
                    {
                        latest[name] = value;
                    }
                }
            }
        }

        return (step, latest);
    }

    public async Task Append(TrialId trial, uint epoch, int step, IReadOnlyDictionary<string, double> metrics)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var line = JsonSerializer.Serialize(new Line(trial.ToString(), step, epoch, metrics), _json);
        await File.AppendAllTextAsync(path, line + "\n");
    }

    /// <summary>Drops what lies after a step: an epoch that begins from a checkpoint writes it again.</summary>
    public async Task CutAfter(int step)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var kept = (await File.ReadAllLinesAsync(path)).Where(line => Parse(line) is { } entry && entry.Step <= step);
        var next = path + ".next";
        await File.WriteAllLinesAsync(next, kept);
        File.Move(next, path, overwrite: true);
    }

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static Line? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, _json);
        }
        catch (JsonException)
        {
            // The last line of a process that was killed while it wrote.
            return null;
        }
    }

    private sealed record Line(string Trial, int Step, uint Epoch, IReadOnlyDictionary<string, double> Metrics);
}
