namespace DivCo.Cluster.Hosting;

/// <summary>Ends the server when the process that started it is gone, so that a killed <c>divco run</c> leaves nothing behind.</summary>
internal sealed class ParentWatch(ServerOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ParentWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // A zombie still has its folder; its state says what it is.
            var stat = $"/proc/{options.ParentPid}/stat";
            if (!File.Exists(stat) || (await File.ReadAllTextAsync(stat, stoppingToken)).Split(") ")[^1].StartsWith('Z'))
            {
                log.LogWarning("The parent process {Pid} is gone: this server ends", options.ParentPid);
                lifetime.StopApplication();
                return;
            }
        }
    }
}
