using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DivCo.Protocol.V1;
using Google.Protobuf;

namespace DivCo.Cluster.Sweeps;

/// <summary>spec.yaml of a sweep's results: the complete spec, in the form that can be submitted again.</summary>
internal static class SpecFile
{
    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    public static async Task Write(string folder, SweepSpec spec)
    {
        Directory.CreateDirectory(folder);
        var next = Path.Combine(folder, "spec.yaml.next");
        await File.WriteAllTextAsync(next, Yaml(spec));
        File.Move(next, Path.Combine(folder, "spec.yaml"), overwrite: true);
    }

    public static string Yaml(SweepSpec spec)
    {
        var body = JsonNode.Parse(_json.Format(spec))!.AsObject();
        body.Remove("name");
        var text = new StringBuilder("apiVersion: divco/v1\nkind: Sweep\nmetadata:\n").Append("  name: ").Append(Scalar(JsonValue.Create(spec.Name))).Append("\nspec:\n");
        Append(text, body, "  ");
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonObject node, string indent)
    {
        foreach (var (key, value) in node)
        {
            if (value is JsonObject { Count: > 0 } child)
            {
                text.Append(indent).Append(key).Append(":\n");
                Append(text, child, indent + "  ");
            }
            else if (value is JsonArray items)
            {
                text.Append(indent).Append(key).Append(": [").AppendJoin(", ", items.Select(Scalar)).Append("]\n");
            }
            else
            {
                text.Append(indent).Append(key).Append(": ").Append(Scalar(value)).Append('\n');
            }
        }
    }

    /// <summary>A scalar of JSON is one of YAML; 64-bit integers, which protobuf writes as strings, become numbers again.</summary>
    private static string Scalar(JsonNode? value) =>
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String && ulong.TryParse(scalar.GetValue<string>(), out var number)
            ? number.ToString()
            : value?.ToJsonString() ?? "null";
}
