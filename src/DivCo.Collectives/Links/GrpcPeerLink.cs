using System.Diagnostics;
using System.Threading.Channels;
using DivCo.Protocol.Exchange.V1;
using Grpc.Core;

namespace DivCo.Collectives.Links;

/// <summary>
/// The way to a peer in another process: one client-streaming call, over a connection of its own. Messages wait in an outbox that
/// only the rank's own gradients fill; a timer adds a heartbeat where it is empty. Whatever goes wrong fails the peer in the mailbox.
/// </summary>
internal sealed class GrpcPeerLink : IPeerLink
{
    private const int MaxAnswerBytes = 4096;

    private readonly Mailbox _mailbox;
    private readonly int _peer;
    private readonly ExchangeTimeouts _timeouts;
    private readonly PeerDialer _dialer;
    private readonly MappedMemory? _memory;
    private readonly CancellationTokenSource _cut = new();
    private readonly Channel<ExchangeMessage> _outbox = Channel.CreateUnbounded<ExchangeMessage>();
    private readonly Timer _heartbeats;
    private readonly Task _run;

    /// <param name="memory">What the peer may read; null: nothing.</param>
    public GrpcPeerLink(Mailbox mailbox, int peer, ExchangeTimeouts timeouts, PeerDialer dialer, MappedMemory? memory)
    {
        _memory = memory;
        _mailbox = mailbox;
        _peer = peer;
        _timeouts = timeouts;
        _dialer = dialer;
        var heartbeat = ExchangeMessage.Heartbeat(mailbox.Quorum);
        _heartbeats = new Timer(_ => SendIfIdle(heartbeat), null, timeouts.Heartbeat, timeouts.Heartbeat);
        _run = Task.Run(RunAsync);
    }

    public string Name => "grpc";

    public bool ReadsMemory { get; private set; }

    public void Send(ExchangeMessage message)
    {
        if (ReadsMemory && message.Payload is { } payload && payload.Memory == _memory)
        {
            // The peer's hold is its own to end. If it never hears of it, its stream is broken, and the memory goes with the epoch.
            _memory!.Hold(payload.Block);
            message = message.ByReference();
            payload.Release();
        }

        if (!_outbox.Writer.TryWrite(message))
        {
            message.Payload?.Release();
        }
    }

    public Task LeaveAsync(string reason)
    {
        if (reason.Length > 0)
        {
            DropOutbox();
        }

        _outbox.Writer.TryWrite(ExchangeMessage.Leave(_mailbox.Quorum, reason));
        _outbox.Writer.TryComplete();
        return _run;
    }

    public void Dispose()
    {
        // The source is not disposed: the cut call still looks at it, and it holds nothing.
        _cut.Cancel();
        _heartbeats.Dispose();
    }

    private void SendIfIdle(ExchangeMessage heartbeat)
    {
        if (_outbox.Reader.Count == 0)
        {
            _outbox.Writer.TryWrite(heartbeat);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            using var channel = _dialer.Open(_mailbox.Quorum.Addresses[_peer], _timeouts, MaxAnswerBytes);
            using var call = await ConnectAsync(channel.CreateCallInvoker());
            await SendAllAsync(call);
        }
        catch (Exception exception)
        {
            // An abort of this side lands here as well; its mailbox is closed then, and nobody asks.
            _mailbox.Fail(_peer, Describe(exception));
        }
        finally
        {
            await _heartbeats.DisposeAsync();
            _outbox.Writer.TryComplete();
            DropOutbox();
        }
    }

    /// <summary>Until the peer's server answers and its rank has joined: headers are its word for it.</summary>
    private async Task<AsyncClientStreamingCall<ExchangeMessage, ExchangeReceipt>> ConnectAsync(CallInvoker peer)
    {
        var started = Stopwatch.GetTimestamp();
        var retry = PeerDialer.FirstRetry;
        while (true)
        {
            var call = peer.AsyncClientStreamingCall(ExchangeMethod.Definition, null, new CallOptions(TraceContext(), cancellationToken: _cut.Token));
            try
            {
                var hello = call.RequestStream.WriteAsync(ExchangeMessage.Hello(_mailbox.Quorum, _mailbox.Rank, _peer, _memory?.Key));
                var left = _timeouts.Join - Stopwatch.GetElapsedTime(started);
                var headers = await call.ResponseHeadersAsync.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                await hello;
                ReadsMemory = _memory is not null && headers.GetValue(GradientExchangeService.ReadsMemory) is not null;
                return call;
            }
            catch (RpcException exception) when (
                exception.StatusCode == StatusCode.Unavailable && Stopwatch.GetElapsedTime(started) < _timeouts.Join)
            {
                call.Dispose();
                await Task.Delay(retry, _cut.Token);
                retry = retry * 2 < PeerDialer.LongestRetry ? retry * 2 : PeerDialer.LongestRetry;
            }
            catch
            {
                call.Dispose();
                throw;
            }
        }
    }

    private async Task SendAllAsync(AsyncClientStreamingCall<ExchangeMessage, ExchangeReceipt> call)
    {
        var writing = WriteAllAsync(call.RequestStream);
        try
        {
            await Task.WhenAny(writing, call.ResponseAsync);
            if (!writing.IsCompletedSuccessfully)
            {
                // Of a call that breaks, the response says why; the write is merely cancelled.
                await call.ResponseAsync.WaitAsync(_timeouts.Peer);
                throw new IOException("it ended the call");
            }

            await call.ResponseAsync;
        }
        finally
        {
            await _cut.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAllAsync(IClientStreamWriter<ExchangeMessage> stream)
    {
        await foreach (var message in _outbox.Reader.ReadAllAsync(_cut.Token))
        {
            try
            {
                await stream.WriteAsync(message);
            }
            finally
            {
                message.Payload?.Release();
            }
        }

        await stream.CompleteAsync();
    }

    /// <summary>The handshake carries the training's trace, once for all messages of the epoch.</summary>
    private static Metadata? TraceContext() => Activity.Current is { Recorded: true, Id: { } id } ? new Metadata { { "traceparent", id } } : null;

    private void DropOutbox()
    {
        while (_outbox.Reader.TryRead(out var message))
        {
            message.Payload?.Release();
        }
    }

    private string Describe(Exception exception) => exception switch
    {
        RpcException { StatusCode: StatusCode.FailedPrecondition } refused => $"it refused this rank: {refused.Status.Detail}",
        RpcException broken => $"the stream to {_mailbox.Quorum.Addresses[_peer]} broke: {broken.Status.Detail}",
        TimeoutException => $"it did not answer at {_mailbox.Quorum.Addresses[_peer]} within {_timeouts.Join.TotalSeconds:0.###} s",
        _ => $"the stream to {_mailbox.Quorum.Addresses[_peer]} broke: {exception.Message}",
    };
}
