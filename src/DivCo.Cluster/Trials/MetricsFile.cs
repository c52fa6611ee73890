using System.Text;
using System.Text.Json;
using DivCo.Protocol;
using Microsoft.Win32.SafeHandles;

namespace DivCo.Cluster.Trials;

/// <summary>metrics.jsonl of one trial: a line for every report and every checkpoint, as they came.</summary>
/// <remarks>
/// Each new epoch puts a new file in the place of the old one, and appends go to the file that was opened. So what a grain still writes that another
/// activation has overtaken, on a silo cut off from the others, goes into a file that nobody can open any more.
/// </remarks>
internal sealed class MetricsFile(string path)
{
    private SafeFileHandle? _file;

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
        _file ??= Open();
        var line = JsonSerializer.Serialize(new Line(trial.ToString(), step, epoch, metrics), _json);
        await RandomAccess.WriteAsync(_file, Encoding.UTF8.GetBytes(line + "\n"), RandomAccess.GetLength(_file));
    }

    /// <summary>Drops what lies after a step: an epoch that begins from a checkpoint writes it again.</summary>
    public async Task CutAfter(int step)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var lines = File.Exists(path) ? await File.ReadAllLinesAsync(path) : [];
        var next = path + ".next";
        await File.WriteAllLinesAsync(next, lines.Where(line => Parse(line) is { } entry && entry.Step <= step));
        File.Move(next, path, overwrite: true);
        _file?.Dispose();
        _file = Open();
    }

    private SafeFileHandle Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
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
