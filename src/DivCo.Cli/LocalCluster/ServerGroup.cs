using System.Collections.Concurrent;
using System.Diagnostics;

namespace DivCo.Cli.LocalCluster;

/// <summary>The servers of one <c>divco run</c>: started together, started again when one dies, ended together.</summary>
internal sealed class ServerGroup : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _gaveUp = new();
    private readonly ConcurrentDictionary<string, Uri> _addresses = [];
    private readonly List<Task> _supervisors = [];
    private readonly Action<string> _say;
    private int _deaths;

    private ServerGroup(Action<string> say) => _say = say;

    /// <summary>API addresses of the servers that are up, in the order of their names.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _addresses.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value)];

    /// <summary>Cancelled when a server died too often; <see cref="Failure"/> says how.</summary>
    public CancellationToken GaveUp => _gaveUp.Token;

    public ServerEndedException? Failure { get; private set; }

    /// <summary>How often a server that had been ready died.</summary>
    public int Deaths => Volatile.Read(ref _deaths);

    /// <summary>Whether servers may be killed at the end: nobody needs what they hold.</summary>
    public bool HoldsNothing { get; set; }

    /// <summary>Starts the servers and waits until all serve.</summary>
    /// <exception cref="CommandException">One of them could not start; all are ended again.</exception>
    public static async Task<ServerGroup> StartAsync(IReadOnlyList<ServerOptions> servers, Action<string> say, CancellationToken cancel)
    {
        var group = new ServerGroup(say);
        try
        {
            var first = servers.Select(server => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
            group._supervisors.AddRange(servers.Zip(first, group.SuperviseAsync));
            // The first one that fails ends the wait; the others need not finish their start.
            var waiting = first.Select(ready => ready.Task).ToList();
            while (waiting.Count > 0)
            {
                var done = await Task.WhenAny(waiting).WaitAsync(cancel);
                waiting.Remove(done);
                await done;
            }

            return group;
        }
        catch (ServerEndedException ended)
        {
            await group.DisposeAsync();
            // 2 is the server's word for what it was told: a name, a port, a folder.
            throw new CommandException(ended.ExitCode == (int)ExitCode.Usage ? ExitCode.Usage : ExitCode.Failed, ended.Message);
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all servers; none is left, whatever happened before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_supervisors);
        _stopping.Dispose();
        _gaveUp.Dispose();
    }

    /// <summary>Runs one server until the group ends. Never fails: what goes wrong is told to whoever waits for the server, or ends the group.</summary>
    private async Task SuperviseAsync(ServerOptions server, TaskCompletionSource firstReady)
    {
        var deaths = new List<TimeSpan>();
        var clock = Stopwatch.StartNew();
        try
        {
            while (true)
            {
                var ended = await RunAsync(server, firstReady);
                deaths.Add(clock.Elapsed);
                if (!firstReady.Task.IsCompletedSuccessfully)
                {
                    throw ended;
                }

                if (!RestartPolicy.Allows(deaths))
                {
                    throw new ServerEndedException(
                        $"server {server.Name} died {RestartPolicy.MaxDeaths} times within {RestartPolicy.Window.TotalSeconds} s and is not started again; lastly: {ended.Message}",
                        ended.ExitCode);
                }

                Interlocked.Increment(ref _deaths);
                server = server with { Kill = null };
                _say($"{ended.Message.Split('\n')[0]}; starting it again");
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            var ended = failure as ServerEndedException ?? new ServerEndedException($"server {server.Name}: {failure.Message}", (int)ExitCode.Failed);
            if (!firstReady.TrySetException(ended))
            {
                Failure = ended;
                await _gaveUp.CancelAsync();
            }
        }
    }

    /// <summary>One life of a server; however it ends, its process is gone then.</summary>
    private async Task<ServerEndedException> RunAsync(ServerOptions server, TaskCompletionSource firstReady)
    {
        using var process = ServerProcess.Start(server);
        try
        {
            _addresses[server.Name] = await process.ReadyAsync(_stopping.Token);
            firstReady.TrySetResult();
            return await process.EndAsync(_stopping.Token);
        }
        catch (ServerEndedException ended)
        {
            return ended;
        }
        finally
        {
            _addresses.TryRemove(server.Name, out _);
            await process.StopAsync(_stopping.IsCancellationRequested && !HoldsNothing ? Grace : TimeSpan.Zero); // one that was not ready in time may still live
        }
    }
}
