namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// Holds this silo's lock while it lives, and declares members dead whose lock is free: all of them before it joins, so that a
/// cluster whose processes were all killed starts again at once, and each one that dies later, sooner than probes can tell.
/// </summary>
internal sealed class MemberLiveness(
    MemberLocks locks, FolderMembershipTable table, ILocalSiloDetails local, IClusterMembershipService membership, TimeProvider time,
    ILogger<MemberLiveness> log) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _stop = new();
    private IDisposable? _lock;
    private Task _watch = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(MemberLiveness), ServiceLifecycleStage.First + 1, Join, Leave);
        lifecycle.Subscribe(nameof(MemberLiveness), ServiceLifecycleStage.Active, StartWatch, StopWatch);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _lock?.Dispose();
    }

    private async Task Join(CancellationToken cancellation)
    {
        _lock = locks.Take(local.Name, local.SiloAddress);
        await Bury();
    }

    private async Task Bury()
    {
        foreach (var row in await table.DeclareDead(row => !locks.IsHeld(row.Name, row.Address), local.SiloAddress))
        {
            log.LogWarning("Silo {Name} ({Silo}) is dead: no process holds its lock.", row.Name, row.Silo);
            locks.Forget(row.Name, row.Address);
        }
    }

    private Task Leave(CancellationToken cancellation)
    {
        _lock?.Dispose();
        return Task.CompletedTask;
    }

    private Task StartWatch(CancellationToken cancellation)
    {
        _watch = Task.Run(Watch, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopWatch(CancellationToken cancellation)
    {
        await _stop.CancelAsync();
        await _watch;
    }

    private async Task Watch()
    {
        using var tick = new PeriodicTimer(WatchPeriod, time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                await DeclareTheDead();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task DeclareTheDead()
    {
        try
        {
            var known = membership.CurrentSnapshot.Members.Values;
            if (known.All(member => member.Status == SiloStatus.Dead || member.SiloAddress.Equals(local.SiloAddress) || locks.IsHeld(member.Name, member.SiloAddress)))
            {
                return;
            }

            await Bury();
            await membership.Refresh(cancellationToken: _stop.Token);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or OrleansException)
        {
            log.LogWarning(reason, "The locks of the other silos could not be read; probes watch them meanwhile.");
        }
    }
}
