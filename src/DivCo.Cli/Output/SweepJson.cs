using System.Text.Json;
using System.Text.Json.Nodes;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cli.Output;

/// <summary>Sweeps and trials as JSON on one line: snake_case names, states in lower case, the same in every command.</summary>
internal static class SweepJson
{
    private static readonly JsonFormatter Wire = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    public static JsonObject Of(Sweep sweep, bool withSpec = false)
    {
        var json = new JsonObject
        {
            ["id"] = sweep.Id,
            ["state"] = Words.Of(sweep.Status?.State ?? State.Unspecified),
            ["reason"] = sweep.Status?.Reason,
            ["revision"] = sweep.Status?.Revision,
            ["submitted_at"] = sweep.Status?.SubmittedAt is { } at ? at.ToDateTimeOffset().ToString("O") : null,
            ["results"] = NullIfEmpty(sweep.Status?.Results),
            ["best"] = NullIfEmpty(sweep.Status?.Best),
            ["trials"] = new JsonArray([.. (sweep.Status?.Trials ?? []).Select(Of)]),
        };
        if (withSpec)
        {
            json["spec"] = Message(sweep.Spec);
        }

        return json;
    }

    public static JsonObject Of(Trial trial) => new()
    {
        ["id"] = trial.Id,
        ["parameters"] = new JsonObject(trial.Parameters.OrderBy(drawn => drawn.Key, StringComparer.Ordinal)
            .Select(drawn => KeyValuePair.Create(drawn.Key, Of(drawn.Value)))),
        ["state"] = Words.Of(trial.State),
        ["reason"] = trial.Reason,
        ["step"] = trial.Step,
        ["steps"] = trial.Steps,
        ["metrics"] = Metrics(trial.Metrics),
        ["devices"] = new JsonArray([.. trial.Devices.Select(device => JsonValue.Create(device))]),
        ["checkpoint"] = NullIfEmpty(trial.Checkpoint?.Path),
        ["weights_sha256"] = NullIfEmpty(trial.Checkpoint?.WeightsSha256),
        ["state_sha256"] = NullIfEmpty(trial.Checkpoint?.StateSha256),
        ["sample"] = NullIfEmpty(trial.Sample),
        ["restarts"] = trial.Restarts,
        ["collapse"] = trial.Collapse is null ? null : new JsonObject
        {
            ["step"] = trial.Collapse.Step,
            ["reason"] = trial.Collapse.Reason,
            ["evidence"] = Metrics(trial.Collapse.Evidence),
        },
    };

    public static JsonNode? Message(IMessage? message) => message is null ? null : JsonNode.Parse(Wire.Format(message));

    public static JsonObject Metrics(IEnumerable<KeyValuePair<string, double>> metrics) => new(metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
        .Select(metric => KeyValuePair.Create(metric.Key, double.IsFinite(metric.Value) ? (JsonNode?)metric.Value : null)));

    public static void WriteJson(this Terminal terminal, JsonNode json) =>
        terminal.Out.WriteLine(json.ToJsonString(JsonSerializerOptions.Default));

    public static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static JsonNode? Of(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue when double.IsFinite(value.NumberValue) => value.NumberValue,
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue,
        _ => null,
    };
}
