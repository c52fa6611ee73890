using DivCo.Cluster.Devices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DivCo.Cluster.Hosting;

/// <summary>Healthy while the silo is an active member the device pool hears of it, and it does not end.</summary>
internal sealed class Membership(ISiloStatusOracle members, DeviceAnnouncer announcer, IHostApplicationLifetime lifetime, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("this silo ends"));
        }

        if (members.CurrentStatus != SiloStatus.Active)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"the silo is {members.CurrentStatus}"));
        }

        return Task.FromResult(announcer.LastHeard is { } heard && time.GetElapsedTime(heard) < DevicePoolGrain.Patience
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"the device pool has not heard of this silo for {DevicePoolGrain.Patience}"));
    }
}
