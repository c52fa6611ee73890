using System.Text;
using System.Text.Json;
using DivCo.Protocol;

namespace DivCo.Cluster.Trials;

/// <summary>
/// metrics.jsonl of one trial: a line for every report and every checkpoint, as they came. A line is in it whole or not at all, whatever a
/// full disk or a kill left behind; and said again, as after an answer that was lost, it is there once.
/// </summary>
internal sealed class MetricsFile(string path)
{
    private const byte LineFeed = (byte)'\n';

    /// <summary>Bytes up to the end of the last whole line; null: not looked at yet.</summary>
    private long? _end;

    private string _last = "";

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

    /// <exception cref="IOException">The file system refuses; the line may be appended again.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public async Task Append(TrialId trial, uint epoch, int step, IReadOnlyDictionary<string, double> metrics)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var line = JsonSerializer.Serialize(new Line(trial.ToString(), step, epoch, metrics), _json);
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, useAsync: true);
        var end = _end ??= await End(file);
        if (line == _last)
        {
            return;
        }

        // What an attempt before this one left behind goes first: a file can be cut on a full disk too.
        file.SetLength(end);
        file.Position = end;
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        await file.WriteAsync(bytes);
        (_end, _last) = (end + bytes.Length, line);
    }

    /// <summary>Drops what lies after a step: an epoch that begins from there writes it again. Harmless to repeat.</summary>
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
        (_end, _last) = (null, "");
    }

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The end of the last whole line, which is kept in mind.</summary>
    private async Task<long> End(FileStream file)
    {
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        var end = Array.LastIndexOf(bytes, LineFeed) + 1;
        var begin = Array.LastIndexOf(bytes, LineFeed, Math.Max(0, end - 2)) + 1;
        _last = end == 0 ? "" : Encoding.UTF8.GetString(bytes, begin, end - 1 - begin);
        return end;
    }

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
