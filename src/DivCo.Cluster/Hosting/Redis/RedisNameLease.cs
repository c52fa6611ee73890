using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace DivCo.Cluster.Hosting.Redis;

/// <summary>
/// Keeps a second silo of the same name out: devices are named after their silo. The name is leased from the Redis and renewed; a silo that starts waits until
/// the lease of its killed predecessor has run out, and gives up if it is renewed instead. No exactness rests on it: epochs and ETags fence.
/// </summary>
internal sealed class RedisNameLease(
    RedisSettings settings, IOptions<ClusterOptions> cluster, ILocalSiloDetails local, TimeProvider time, ILogger<RedisNameLease> log)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private static readonly TimeSpan _term = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan _renewal = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _holder = $"{local.SiloAddress}";
    private ConnectionMultiplexer? _redis;
    private Task _renewing = Task.CompletedTask;

    private RedisKey Key => $"{cluster.Value.ServiceId}/{cluster.Value.ClusterId}/names/{local.Name}";

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(RedisNameLease), ServiceLifecycleStage.First + 1, Take, Release);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task Take(CancellationToken cancellation)
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(settings.ToConfiguration());
        using var retry = new PeriodicTimer(_retry, time);
        using var patience = new CancellationTokenSource(_term + _renewal, time);
        while (!await _redis.GetDatabase().StringSetAsync(Key, _holder, _term, When.NotExists))
        {
            if (patience.IsCancellationRequested)
            {
                throw new RedisException(
                    $"--name {local.Name}: a silo of this name runs at {await _redis.GetDatabase().StringGetAsync(Key)}; stop it, or choose another name");
            }

            await retry.WaitForNextTickAsync(cancellation);
        }

        _renewing = Task.Run(Renew, CancellationToken.None);
    }

    private async Task Renew()
    {
        using var tick = new PeriodicTimer(_renewal, time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                await RenewOnce();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task RenewOnce()
    {
        try
        {
            var database = _redis!.GetDatabase();
            if (!await database.LockExtendAsync(Key, _holder, _term) && !await database.StringSetAsync(Key, _holder, _term, When.NotExists))
            {
                log.LogError("Another silo named {Name} runs at {Holder}: one of the two must be stopped", local.Name, await database.StringGetAsync(Key));
            }
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
        {
            log.LogWarning("The lease on the name {Name} could not be renewed: {Message}", local.Name, e.Message);
        }
    }

    private async Task Release(CancellationToken cancellation)
    {
        await _stop.CancelAsync();
        await _renewing;
        if (_redis is not null)
        {
            try
            {
                await _redis.GetDatabase().LockReleaseAsync(Key, _holder);
            }
            catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
            {
                log.LogInformation("The lease on the name {Name} was not given back ({Message}); it runs out", local.Name, e.Message);
            }
        }
    }
}
