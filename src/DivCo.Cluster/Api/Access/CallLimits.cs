using System.Threading.RateLimiting;
using Grpc.Core;

namespace DivCo.Cluster.Api.Access;

/// <summary>Bounds what one caller may ask of the API: calls a second, and calls and streams at once. Who exceeds them is told, and nobody else notices.</summary>
internal sealed class CallLimits : IDisposable
{
    /// <summary>Calls in a burst, and a second after it.</summary>
    private const int Burst = 200, PerSecond = 100;

    /// <summary>Calls and streams at once; a person watches a handful.</summary>
    private const int AtOnce = 64;

    private readonly PartitionedRateLimiter<string> _calls = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(
        caller,
        _ => new TokenBucketRateLimiterOptions { TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    private readonly PartitionedRateLimiter<string> _atOnce = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(
        caller, _ => new ConcurrencyLimiterOptions { PermitLimit = AtOnce, QueueLimit = 0 }));

    /// <returns>Dispose of it when the call or stream ends.</returns>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too many calls, or too many at once.</exception>
    public IDisposable Begin(string caller)
    {
        using var call = _calls.AttemptAcquire(caller);
        if (!call.IsAcquired)
        {
            throw Exhausted($"{caller} makes more than {PerSecond} calls a second; wait a second and go on slower");
        }

        var lease = _atOnce.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            throw Exhausted($"{caller} holds {AtOnce} calls and streams already; end one first");
        }

        return lease;
    }

    public void Dispose()
    {
        _calls.Dispose();
        _atOnce.Dispose();
    }

    private static RpcException Exhausted(string reason) => new(new Status(StatusCode.ResourceExhausted, reason));
}
