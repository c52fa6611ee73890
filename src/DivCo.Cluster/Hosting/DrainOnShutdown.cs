using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// Before the silo leaves, its devices ask their trials to go on without them, so that what they hold is handed on. It comes before anything
/// else stops: the web server would wait for the very streams that the trials end.
/// </summary>
internal sealed class DrainOnShutdown(LocalDevices devices, ILogger<DrainOnShutdown> log) : IHostedLifecycleService
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(12);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
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
