using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DivCo.Collectives.Tests;

/// <summary>A TCP relay in front of a server, which can stop carrying bytes (a paused machine, a black hole) or be cut.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly IPEndPoint _target;
    private readonly Task _accepting;
    private TaskCompletionSource _flowing = new();
    private long _carried;

    public Wire(Uri target)
    {
        _target = IPEndPoint.Parse(target.Authority);
        _flowing.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public void Pause() => _flowing = new TaskCompletionSource();

    /// <summary>Completes when so many bytes have passed.</summary>
    public async Task CarriedAsync(long bytes, CancellationToken cancellation)
    {
        while (Interlocked.Read(ref _carried) < bytes)
        {
            await Task.Delay(1, cancellation);
        }
    }

    public void Cut()
    {
        foreach (var socket in _sockets)
        {
            socket.Close(timeout: 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_end.Token);
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await far.ConnectAsync(_target, _end.Token);
                _sockets.Add(near);
                _sockets.Add(far);
                _ = CarryAsync(near, far);
                _ = CarryAsync(far, near);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
            {
                await _flowing.Task.WaitAsync(_end.Token);
                Interlocked.Add(ref _carried, read);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            to.Dispose();
        }
    }
}
