using DivCo.Cluster.Devices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DivCo.Cluster.Hosting;

/// <summary>Healthy while a gateway reaches the cluster, and does not end.</summary>
internal sealed class Reach(IGrainFactory grains, IHostApplicationLifetime lifetime) : IHealthCheck
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("this gateway ends");
        }

        try
        {
            await grains.GetGrain<IDevicePoolGrain>(0).List().WaitAsync(_patience, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"the cluster does not answer: {e.Message}");
        }
    }
}
