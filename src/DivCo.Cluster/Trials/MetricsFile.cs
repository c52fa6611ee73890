using System.Text;
using System.Text.Json;
using DivCo.Protocol;
using Microsoft.Win32.SafeHandles;

namespace DivCo.Cluster.Trials;

/// <summary>
/// metrics.jsonl of one trial: a line for every report and every checkpoint, as they came. A line is in it whole or not at all, whatever a
/// full disk or a kill left behind; and said again, as after an answer that was lost, it is there once.
/// </summary>
/// <remarks>
/// Each new epoch puts a new file in the place of the old one, and appends go to the file that was opened. So what a grain still writes that another
/// activation has overtaken, on a silo cut off from the others, goes into a file that nobody can open any more.
/// </remarks>
internal sealed class MetricsFile(string path)
{
    private const byte LineFeed = (byte)'\n';

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private SafeFileHandle? _file;

    /// <summary>Bytes up to the end of the last whole line of the open file.</summary>
    private long _end;

    private string _last = "";

    public async Task<LatestMetrics> Last(CancellationToken cancellation)
    {
        var latest = new LatestMetrics();
        if (File.Exists(path))
        {
            await foreach (var line in File.ReadLinesAsync(path, cancellation))
            {
                if (Parse(line) is { } entry)
                {
                    latest.Add(entry.Step, entry.Metrics);
                }
            }
        }

        return latest;
    }

    /// <exception cref="IOException">The file system refuses; the line may be appended again.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public async Task Append(TrialId trial, uint epoch, int step, IReadOnlyDictionary<string, double> metrics)
    {
        var file = _file ??= await Open();
        var line = JsonSerializer.Serialize(new Line(trial.ToString(), step, epoch, metrics), _json);
        if (line == _last)
        {
            return;
        }

        // What an attempt before this one left behind goes first: a file can be cut on a full disk too.
        RandomAccess.SetLength(file, _end);
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        await RandomAccess.WriteAsync(file, bytes, _end);
        (_end, _last) = (_end + bytes.Length, line);
    }

    /// <summary>Drops what lies after a step: an epoch that begins from there writes it again. Harmless to repeat.</summary>
    public async Task CutAfter(int step)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var lines = File.Exists(path) ? await File.ReadAllLinesAsync(path) : [];
        var next = path + ".next";
        await File.WriteAllLinesAsync(next, lines.Where(line => Parse(line) is { } entry && entry.Step <= step));
        File.Move(next, path, overwrite: true);
        _file?.Dispose();
        _file = null;
        _file = await Open();
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

    /// <summary>The file, with the end of its last whole line, and that line, kept in mind.</summary>
    private async Task<SafeFileHandle> Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[RandomAccess.GetLength(file)];
        for (var read = 0; read < bytes.Length;)
        {
            var count = await RandomAccess.ReadAsync(file, bytes.AsMemory(read), read);
            read = count > 0 ? read + count : throw new EndOfStreamException($"{path} was cut while it was read");
        }

        _end = Array.LastIndexOf(bytes, LineFeed) + 1;
        var begin = Array.LastIndexOf(bytes, LineFeed, (int)Math.Max(0, _end - 2)) + 1;
        _last = _end == 0 ? "" : Encoding.UTF8.GetString(bytes, begin, (int)_end - 1 - begin);
        return file;
    }

    private sealed record Line(string Trial, int Step, uint Epoch, IReadOnlyDictionary<string, double> Metrics);
}
