using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DivCo.Cluster.Bench;

/// <summary>One end of a plain connection between two ranks: each sends a buffer and receives one at the same time, as an all-reduce of two ranks must.</summary>
internal sealed class SocketPair : IDisposable
{
    private const int Piece = 1 << 20;

    private readonly Socket _socket;
    private readonly byte[] _outgoing, _incoming;

    private SocketPair(Socket socket, long bytes)
    {
        (_socket, _outgoing, _incoming) = (socket, new byte[bytes], new byte[bytes]);
        if (socket.LocalEndPoint is IPEndPoint)
        {
            _socket.NoDelay = true;
        }
    }

    /// <summary>Of the family of the transport that it is the reference of.</summary>
    public static Socket Listen(string transport)
    {
        var unix = transport != BenchOptions.Tcp;
        var socket = unix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(unix ? new UnixDomainSocketEndPoint($"\0divco-bench-{Guid.NewGuid():N}") : new IPEndPoint(IPAddress.IPv6Loopback, 0));
        socket.Listen();
        return socket;
    }

    public static string AddressOf(Socket listener) => listener.LocalEndPoint is IPEndPoint tcp ? $"{tcp.Port}" : listener.LocalEndPoint!.ToString()!.TrimStart('@', '\0');

    public static SocketPair Accept(Socket listener, long bytes) => new(listener.Accept(), bytes);

    public static SocketPair Connect(string address, long bytes)
    {
        var unix = !int.TryParse(address, out var port);
        var socket = unix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(unix ? new UnixDomainSocketEndPoint("\0" + address) : new IPEndPoint(IPAddress.IPv6Loopback, port));
        return new SocketPair(socket, bytes);
    }

    /// <summary>Seconds of each exchange, after a meeting that is not timed.</summary>
    public double[] Exchange(int times)
    {
        var seconds = new double[times];
        for (var i = 0; i < times; i++)
        {
            Swap(1);
            var began = Stopwatch.GetTimestamp();
            Swap(_outgoing.Length);
            seconds[i] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        return seconds;
    }

    public void Dispose() => _socket.Dispose();

    private void Swap(int length)
    {
        var sender = new Thread(() =>
        {
            for (var sent = 0; sent < length;)
            {
                sent += _socket.Send(_outgoing.AsSpan(sent, Math.Min(Piece, length - sent)));
            }
        });
        sender.Start();
        for (var received = 0; received < length;)
        {
            received += _socket.Receive(_incoming.AsSpan(received, Math.Min(Piece, length - received))) is > 0 and var count
                ? count
                : throw new IOException("the other end of the plain connection is gone");
        }

        sender.Join();
    }
}
