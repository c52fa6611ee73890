using System.Text;
using System.Text.Json;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Api;

/// <summary>Reads what all servers wrote about one trial, each into a file of its own; every line once.</summary>
internal sealed class TrialLog(string folder)
{
    private const int PieceBytes = 1 << 20;

    private readonly Dictionary<string, long> _read = [];

    /// <summary>What is new since the last call, by time. A line that is not whole yet comes with the next one.</summary>
    public IReadOnlyList<LogLine> Read() => !Directory.Exists(folder) ? [] : [.. Directory
        .EnumerateFiles(folder, "*" + TrialLogWriter.Ending)
        .SelectMany(News)
        .OrderBy(line => line.At.ToDateTimeOffset())];

    private List<LogLine> News(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = _read.GetValueOrDefault(path);
        var bytes = new byte[Math.Min(PieceBytes, Math.Max(0, file.Length - file.Position))];
        var news = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        var whole = news[..(news.LastIndexOf((byte)'\n') + 1)];
        _read[path] = _read.GetValueOrDefault(path) + whole.Length;
        var server = Path.GetFileNameWithoutExtension(path);
        return [.. Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Line(server, line)).OfType<LogLine>()];
    }

    /// <summary>Null where a server was ended within the line.</summary>
    private static LogLine? Line(string server, string text)
    {
        try
        {
            var record = JsonSerializer.Deserialize<TrialLogRecord>(text)!;
            return new LogLine { At = record.At.ToTimestamp(), Server = server, Level = record.Level, Text = record.Text, TraceId = record.TraceId ?? "" };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
