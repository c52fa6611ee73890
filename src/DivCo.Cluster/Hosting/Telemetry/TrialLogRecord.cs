using System.Text.Json.Serialization;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>A line of a trial's log.</summary>
internal sealed record TrialLogRecord(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("level")] string Level,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("trace_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceId);
