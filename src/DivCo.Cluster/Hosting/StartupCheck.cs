using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DivCo.Cluster.Hosting;

/// <summary>Healthy from the moment the server first served; whether it can be used now is said by readiness.</summary>
internal sealed class StartupCheck : IHealthCheck
{
    private volatile bool _isUp;

    public bool IsUp => _isUp;

    public void ServerIsUp() => _isUp = true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("this server has not come up yet"));
}
