using System.Threading.RateLimiting;
using Grpc.Core;

namespace DivCo.Cluster.Api.Access;

/// <summary>Bounds what one caller may ask of the API: calls a second, and streams at once. Who exceeds them is told, and nobody else notices.</summary>
internal sealed class CallLimits : IDisposable
{
    /// <summary>Calls in a burst, and a second after it.</summary>
    private const int Burst = 200, PerSecond = 100;

    /// <summary>Streams at once; a person watches a handful.</summary>
    private const int Streams = 64;

    private readonly PartitionedRateLimiter<string> _calls = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(
        caller,
        _ => new TokenBucketRateLimiterOptions { TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    private readonly PartitionedRateLimiter<string> _streams = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(
        caller, _ => new ConcurrencyLimiterOptions { PermitLimit = Streams, QueueLimit = 0 }));

    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too many calls.</exception>
    public void Call(string caller)
    {
        using var lease = _calls.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            throw Exhausted($"{caller} makes more than {PerSecond} calls a second; wait a second and go on slower");
        }
    }

    /// <returns>Dispose of it when the stream ends.</returns>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too many calls, or streams at once.</exception>
    public IDisposable Stream(string caller)
    {
        Call(caller);
        var lease = _streams.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            throw Exhausted($"{caller} holds {Streams} streams already; end one first");
        }

        return lease;
    }

    public void Dispose()
    {
        _calls.Dispose();
        _streams.Dispose();
    }

    private static RpcException Exhausted(string reason) => new(new Status(StatusCode.ResourceExhausted, reason));
}
