using DivCo.Cluster.Hosting;
using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Devices;

/// <summary>One per silo: tells the pool every two seconds which devices this process holds.</summary>
internal sealed class DeviceAnnouncer(
    LocalDevices devices, ServerOptions options, IGrainFactory grains, TimeProvider time, ILogger<DeviceAnnouncer> log) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Timestamp of the last announcement that the pool took; null: none yet.</summary>
    public long? LastHeard { get; private set; }

    /// <summary>Completes when the pool first knew this silo's devices.</summary>
    public Task Announced => _announced.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period, time);
        do
        {
            try
            {
                await grains.GetGrain<IDevicePoolGrain>(0).Announce(options.Name, devices.All).WaitAsync(_period * 2, time, stoppingToken);
                LastHeard = time.GetTimestamp();
                _announced.TrySetResult();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning("The device pool could not be told of this silo's devices: {Message}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await grains.GetGrain<IDevicePoolGrain>(0).Withdraw(options.Name).WaitAsync(_period, time, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            log.LogInformation("The device pool was not told that this silo leaves ({Message}); it will notice", e.Message);
        }
    }
}
