using Microsoft.Extensions.Options;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>
/// Lets silos join and leave one after the other. Orleans waits 2 to 4 s when two of them change the membership table in the same
/// moment; this file lock spares them that. Nothing rests on it: a silo that cannot have its turn in time goes ahead without.
/// </summary>
internal sealed class MembershipTurn(IOptions<FolderOptions> options, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(20);
    private FileStream? _turn;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(MembershipTurn), ServiceLifecycleStage.First, Take, End);
        lifecycle.Subscribe(nameof(MembershipTurn), ServiceLifecycleStage.Active, End, Take);
    }

    public void Dispose() => _turn?.Dispose();

    private async Task Take(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        using var retry = new PeriodicTimer(RetryPeriod, time);
        try
        {
            while (!TryTake())
            {
                await retry.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Without a turn, then.
        }
    }

    private bool TryTake()
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(options.Value.Path), "members"));
            _turn ??= new FileStream(Path.Combine(folder.FullName, "turn"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Task End(CancellationToken cancellation)
    {
        _turn?.Dispose();
        _turn = null;
        return Task.CompletedTask;
    }
}
