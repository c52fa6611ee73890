using System.Diagnostics;
using DivCo.Protocol.Exchange.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace DivCo.Collectives;

/// <summary>
/// Copies the state of another member over the exchange port. For a device's thread: reading blocks, with a deadline, and back-pressure is
/// that of the stream.
/// </summary>
public sealed class StateTransfer : IDisposable
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(50);

    private readonly GrpcChannel _channel;
    private readonly string _member;
    private readonly TimeSpan _patience;
    private readonly CancellationToken _abort;
    private readonly AsyncServerStreamingCall<StateChunk> _call;
    private ReadOnlyMemory<byte> _left;

    private StateTransfer(GrpcChannel channel, AsyncServerStreamingCall<StateChunk> call, string member, TimeSpan patience, CancellationToken abort)
    {
        (_channel, _call, _member, _patience, _abort) = (channel, call, member, patience, abort);
        Content = new ChunkStream(this);
    }

    /// <summary>Length of <see cref="Content"/>, as the source says.</summary>
    public long Bytes { get; private set; }

    /// <summary>Updates committed, as the source says.</summary>
    public long Updates { get; private set; }

    public Stream Content { get; }

    /// <summary>Asks until the state is offered; the source may be told later than its copiers.</summary>
    /// <param name="member">Device id of the source, for messages.</param>
    /// <exception cref="PeerLostException">It did not answer, or did not offer the state, within the peer timeout; from reading too.</exception>
    /// <exception cref="OperationCanceledException">Aborted; from reading too.</exception>
    public static StateTransfer Fetch(Uri address, string member, string trialId, uint epoch, ExchangeTimeouts timeouts, CancellationToken abort)
    {
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReceiveMessageSize = 2 << 20 });
        var began = Stopwatch.GetTimestamp();
        StateTransfer? transfer = null;
        while (true)
        {
            var call = new StateExchange.StateExchangeClient(channel).Fetch(new FetchStateRequest { TrialId = trialId, Epoch = epoch }, cancellationToken: abort);
            transfer = new StateTransfer(channel, call, member, timeouts.Peer, abort);
            try
            {
                var first = transfer.Next() ?? throw transfer.Lost("sent nothing", null);
                (transfer.Bytes, transfer.Updates) = (checked((long)first.Bytes), checked((long)first.Updates));
                return transfer;
            }
            catch (PeerLostException e) when (e.InnerException is RpcException { StatusCode: StatusCode.NotFound or StatusCode.ResourceExhausted } && Stopwatch.GetElapsedTime(began) < timeouts.Peer)
            {
                call.Dispose();
                abort.WaitHandle.WaitOne(_retry);
                abort.ThrowIfCancellationRequested();
            }
            catch
            {
                transfer.Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    /// <summary>The next chunk; null at the end.</summary>
    private StateChunk? Next()
    {
        try
        {
            var moved = _call.ResponseStream.MoveNext(_abort);
            if (!moved.Wait(_patience, _abort))
            {
                throw Lost($"was silent for {_patience.TotalSeconds:0.###} s", null);
            }

            return moved.GetAwaiter().GetResult() ? _call.ResponseStream.Current : null;
        }
        catch (AggregateException e) when (e.InnerException is RpcException rpc)
        {
            _abort.ThrowIfCancellationRequested();
            throw Lost(rpc.Status.Detail, rpc);
        }
    }

    private PeerLostException Lost(string reason, Exception? inner) => new(-1, _member, $"The state of {_member} could not be copied: {reason}.", inner);

    private sealed class ChunkStream(StateTransfer transfer) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            while (transfer._left.IsEmpty)
            {
                if (transfer.Next() is not { } chunk)
                {
                    return 0;
                }

                transfer._left = chunk.Data.Memory;
            }

            var count = Math.Min(buffer.Length, transfer._left.Length);
            transfer._left.Span[..count].CopyTo(buffer);
            transfer._left = transfer._left[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
