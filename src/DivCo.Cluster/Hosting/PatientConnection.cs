namespace DivCo.Cluster.Hosting;

/// <summary>A gateway that starts before its silos waits for them, and says so.</summary>
internal sealed class PatientConnection(TimeProvider time, ILogger<PatientConnection> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        log.LogWarning("No silo is reached yet: {Message}", exception.Message);
        await Task.Delay(_pause, time, cancellationToken);
        return true;
    }
}
