using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;

namespace DivCo.Cluster.Hosting;

/// <summary>Protobuf messages inside stored state, as protobuf's JSON: field names as in the .proto, unknown fields skipped.</summary>
internal sealed class ProtobufJsonConverter : JsonConverterFactory
{
    public override bool CanConvert(Type type) => type.IsClass && typeof(IMessage).IsAssignableFrom(type);

    public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(MessageConverter<>).MakeGenericType(type))!;

    private sealed class MessageConverter<T> : JsonConverter<T> where T : class, IMessage, new()
    {
        private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));
        private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

        public override T? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            using var json = JsonDocument.ParseValue(ref reader);
            try
            {
                return (T)Parser.Parse(json.RootElement.GetRawText(), new T().Descriptor);
            }
            catch (InvalidProtocolBufferException reason)
            {
                throw new JsonException($"{typeof(T).Name}: {reason.Message}", reason);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteRawValue(Formatter.Format(value));
    }
}
