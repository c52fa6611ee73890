using DivCo.Cluster.Hosting.Folder;
using DivCo.Cluster.Hosting.Redis;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>What a cluster of the tests keeps its records in, as one word of a command line: a folder, or <c>redis=endpoints</c>.</summary>
internal sealed record Storage(string Word)
{
    private const string Redis = "redis=";

    public static Storage Of(RedisProcess redis) => new(Redis + redis.Endpoints);

    public void AddTo(ISiloBuilder silo)
    {
        if (Word.StartsWith(Redis, StringComparison.Ordinal))
        {
            silo.AddRedisStorage(Settings);
        }
        else
        {
            silo.AddFolderStorage(folder => folder.Path = Word);
        }
    }

    public void AddTo(IClientBuilder client)
    {
        if (Word.StartsWith(Redis, StringComparison.Ordinal))
        {
            client.UseRedisMembership(Settings);
        }
        else
        {
            client.UseFolderClustering(folder => folder.Path = Word);
        }
    }

    private RedisSettings Settings => new(Word[Redis.Length..], null, null, null);
}
