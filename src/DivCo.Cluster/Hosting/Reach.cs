using DivCo.Cluster.Devices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DivCo.Cluster.Hosting;

/// <summary>Healthy while a gateway reaches the cluster, which runs its own version, and does not end.</summary>
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
            await MustBeOfOneVersion(grains, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or ClusterRefusalException)
        {
            return HealthCheckResult.Unhealthy($"the cluster is not there for this gateway: {e.Message}");
        }
    }

    /// <exception cref="ClusterRefusalException">The cluster's silos run another version of the product.</exception>
    public static async Task MustBeOfOneVersion(IGrainFactory grains, CancellationToken cancellation)
    {
        var version = await grains.GetGrain<IDevicePoolGrain>(0).Version().WaitAsync(_patience, cancellation);
        if (version != Product.Version)
        {
            throw new ClusterRefusalException($"this gateway is version {Product.Version}, and the cluster runs version {version}; install {version} here");
        }
    }
}
