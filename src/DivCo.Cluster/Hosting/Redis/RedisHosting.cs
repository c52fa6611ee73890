
namespace DivCo.Cluster.Hosting.Redis;

/// <summary>Membership, reminders and grain state in one Redis, for silos on any number of machines.</summary>
internal static class RedisHosting
{
    public static ISiloBuilder AddRedisStorage(this ISiloBuilder silo, RedisSettings settings)
    {
        silo.UseRedisClustering(redis => redis.ConfigurationOptions = settings.ToConfiguration());
        silo.UseRedisReminderService(redis => redis.ConfigurationOptions = settings.ToConfiguration());
        silo.AddRedisGrainStorageAsDefault(redis =>
        {
            redis.ConfigurationOptions = settings.ToConfiguration();
            redis.GrainStorageSerializer = new RedisStateSerializer();
        });
        silo.Services.AddSingleton(settings).AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RedisNameLease>();
        return silo;
    }

    /// <summary>Lets a process that is no silo find the cluster whose membership is in the Redis.</summary>
    public static IClientBuilder UseRedisMembership(this IClientBuilder client, RedisSettings settings) =>
        client.UseRedisClustering(redis => redis.ConfigurationOptions = settings.ToConfiguration());
}
