using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Hosting;

/// <summary>Before the silo leaves, its devices ask their trials to go on without them, so that what they hold is handed on.</summary>
internal sealed class DrainOnShutdown(LocalDevices devices, ILogger<DrainOnShutdown> log) : IHostedService
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(12);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_grace);
        try
        {
            await Task.WhenAll(devices.All.Select(device => devices.Session(device.Id).Drain(deadline.Token)));
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("Not every trial went on without this silo within {Grace}: they will go on from their last commit elsewhere", _grace);
        }
    }
}
