using System.Text.Json;
using System.Text.Json.Serialization;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// The JSON of all stored state: names in snake_case, enums by name, NaN allowed, members that are unknown skipped, protobuf messages in
/// protobuf's own JSON. A later release reads what this one wrote as long as it only adds members.
/// </summary>
internal static class StateJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(), new ProtobufJsonConverter() },
    };
}
