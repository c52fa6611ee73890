using System.Text.Json;
using Orleans.Storage;

namespace DivCo.Cluster.Hosting.Redis;

/// <summary>Grain state as the same JSON that the folder storage writes.</summary>
internal sealed class RedisStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, StateJson.Options));

    public T Deserialize<T>(BinaryData input)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(input, StateJson.Options)!;
        }
        catch (JsonException reason)
        {
            throw new RedisException($"A stored {typeof(T).Name} is not what this release can read: {reason.Message}", reason);
        }
    }
}
