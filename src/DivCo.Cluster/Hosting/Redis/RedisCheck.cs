using StackExchange.Redis;

namespace DivCo.Cluster.Hosting.Redis;

/// <summary>Looks at the Redis once before anything rests on it: reachable, new enough, and keeping what it is told.</summary>
internal static class RedisCheck
{
    /// <summary>Functions of Orleans' scripts and access control lists.</summary>
    private static readonly Version _oldest = new(6, 0);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <returns>What an operator should know: settings under which records may be lost.</returns>
    /// <exception cref="RedisException">It cannot be reached, refuses this user, or is too old.</exception>
    public static async Task<IReadOnlyList<string>> Run(RedisSettings settings, CancellationToken cancellation)
    {
        var options = settings.ToConfiguration();
        (options.AbortOnConnectFail, options.AllowAdmin) = (true, true);
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(_patience, cancellation);
            var server = redis.GetServers().FirstOrDefault(one => one.IsConnected && !one.IsReplica)
                ?? throw new RedisException($"--redis: no primary answers at {Describe(options)}; start it, or name its address");
            return server.Version < _oldest
                ? throw new RedisException($"--redis: {Describe(options)} runs Redis {server.Version}; {_oldest} or newer is needed")
                : Warnings(await server.InfoAsync("persistence").WaitAsync(_patience, cancellation));
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException or TimeoutException or RedisServerException)
        {
            var message = e.Message.Split(" To allow this multiplexer")[0];
            throw new RedisException(message.Contains("WRONGPASS", StringComparison.Ordinal) || message.Contains("NOAUTH", StringComparison.Ordinal)
                ? $"--redis: {Describe(options)} refuses this user: {message}; see to --redis-user and --redis-password-file"
                : $"--redis: {Describe(options)} cannot be reached: {message}; start it, or name its address, and --redis-ca where it speaks TLS", e);
        }
    }

    /// <param name="persistence">The section of that name of Redis' INFO.</param>
    public static IReadOnlyList<string> Warnings(IGrouping<string, KeyValuePair<string, string>>[] persistence)
    {
        var facts = persistence.SelectMany(section => section).ToDictionary(fact => fact.Key, fact => fact.Value);
        List<string> warnings = [];
        if (facts.GetValueOrDefault("aof_enabled") != "1")
        {
            warnings.Add("Redis keeps no append-only file: a crash of it loses decisions; set 'appendonly yes' (and 'appendfsync everysec' or 'always')");
        }

        if (facts.GetValueOrDefault("aof_last_write_status", "ok") != "ok")
        {
            warnings.Add("Redis could not write its append-only file the last time it tried; look at its disk");
        }

        return warnings;
    }

    private static string Describe(ConfigurationOptions options) => string.Join(", ", options.EndPoints.Select(one => one is System.Net.DnsEndPoint host ? $"{host.Host}:{host.Port}" : one.ToString()));
}
