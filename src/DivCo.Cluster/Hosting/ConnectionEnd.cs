using Microsoft.AspNetCore.Connections;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// The web server ends when its last connection has. What a client leaves open (a request half sent, an answer that it does not read) is closed for
/// it, a moment after the trials have let go: a server that is asked to end must not wait for strangers.
/// </summary>
internal sealed class ConnectionEnd(ILogger<ConnectionEnd> log) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();
    private int _open;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _end.Token.Register(() => log.LogInformation("{Count} connections that were still open after {Grace} are closed", _open, _grace));
        _end.CancelAfter(_grace);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _end.Dispose();

    /// <summary>As middleware of a port.</summary>
    public ConnectionDelegate Bound(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _open);
        try
        {
            await using var end = _end.Token.UnsafeRegister(_ => connection.Abort(new ConnectionAbortedException("this server ends")), null);
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
