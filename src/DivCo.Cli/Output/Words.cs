using System.Globalization;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cli.Output;

/// <summary>States, parameters and times in a person's words.</summary>
internal static class Words
{
    public static string Use(Device device) =>
        device.Quarantine is not null ? "quarantined" : device.TrialId.Length == 0 ? "free" : device.TrialId;

    /// <summary>A line of a log: when, where, how grave, what.</summary>
    public static string Of(LogLine line) =>
        $"{line.At.ToDateTimeOffset():yyyy-MM-ddTHH:mm:ss.fffZ} {line.Server} {line.Level}: {line.Text}{(line.TraceId.Length > 0 ? $" trace={line.TraceId}" : "")}";

    public static string Of(State state) => state.ToString().ToLowerInvariant();

    public static bool HasEnded(this Sweep sweep) => sweep.Status?.State is State.Stopped or State.Succeeded or State.Failed;

    public static string Of(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue => Terminal.Show(value.NumberValue),
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        _ => "-",
    };

    public static string Parameters(Trial trial) => string.Join(" ", trial.Parameters
        .OrderBy(drawn => drawn.Key, StringComparer.Ordinal).Select(drawn => $"{drawn.Key}={Of(drawn.Value)}"));

    public static double? Metric(this Trial trial, string name) => trial.Metrics.TryGetValue(name, out var value) ? value : null;

    /// <summary>Time to the last step at the present speed, or null where it is not known.</summary>
    public static TimeSpan? TimeLeft(Trial trial, SweepSpec? spec)
    {
        var batch = trial.Parameters.TryGetValue("batch_size", out var drawn) ? drawn.NumberValue : spec?.Trial?.BatchSize ?? 0;
        var seconds = (trial.Steps - trial.Step) * batch / (trial.Metric(MetricNames.SamplesPerS) ?? 0);
        return trial.State == State.Running && batch > 0 && seconds is >= 0 and < 1e8 ? TimeSpan.FromSeconds(seconds) : null;
    }

    public static string Of(TimeSpan? time) => time is not { } left ? "-"
        : left.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:00}");

    /// <summary>Relative where that is shorter.</summary>
    public static string Path(string path)
    {
        var relative = System.IO.Path.IsPathRooted(path) ? System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path) : path;
        return relative.Length < path.Length ? relative : path;
    }
}
