using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// Before the silo leaves, its devices ask their trials to go on without them, so that what they hold is handed on. It comes before anything
/// else stops: the web server would wait for the very streams that the trials end. Where nobody stays to hand on to, the trials write a checkpoint
/// after the running step, and let go.
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
        var sessions = devices.All.Select(device => devices.Session(device.Id));
        try
        {
            await Task.WhenAll(sessions.Select(session => session.Drain(deadline.Token)));
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("Not every trial let go of this silo within {Grace}: it will go on from what others hold, or from its last checkpoint", _grace);
        }
    }
}
