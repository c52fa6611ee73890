using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using DivCo.Protocol.Exchange.V1;
using Grpc.Core;

namespace DivCo.Collectives.Links;

/// <summary>
/// The receiving end of a state transfer. What comes goes into a bounded pipe: where its reader is slow the call is not read on, and the source
/// waits. Every failure reaches the reader as the loss of the source.
/// </summary>
internal sealed class StateFetch(string trialId, uint epoch, string source, Uri address, ExchangeTimeouts timeouts, PeerDialer dialer, CancellationToken abort)
{
    private const int PauseBytes = 4 << 20;
    private const int MaxMessageBytes = (1 << 20) + 4096;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, useSynchronizationContext: false));
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(abort);
    private readonly TaskCompletionSource<StateHeader> _header = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From a worker of this process.</summary>
    public StateStream Read(StateReading reading)
    {
        var offer = reading.Offer;
        return Stream(
            new StateHeader { Bytes = offer.Bytes, Updates = offer.Updates, Sha256 = offer.Sha256 },
            reading.Content,
            () => reading.Cancel(new IOException("the receiver has gone")));
    }

    /// <summary>From a worker of another process. Blocks until it answers.</summary>
    public StateStream Connect()
    {
        _ = Task.Run(RunAsync);

        // The call has deadlines of its own for everything; together they are no longer than this.
        var patience = timeouts.Operation + timeouts.Join + (2 * timeouts.Peer);
        try
        {
            return Task.WaitAny([_header.Task], patience) == 0
                ? Stream(_header.Task.GetAwaiter().GetResult(), _pipe.Reader, _stop.Cancel)
                : throw new TimeoutException($"it did not begin within {patience.TotalSeconds:0.#} s");
        }
        catch (Exception exception)
        {
            _stop.Cancel();
            throw abort.IsCancellationRequested ? new OperationCanceledException(abort) : Lost(exception);
        }
    }

    private StateStream Stream(StateHeader header, PipeReader content, Action close) =>
        new(header.Bytes, header.Updates, header.Sha256, content, 2 * timeouts.Peer, Lost, close, abort);

    private async Task RunAsync()
    {
        try
        {
            using var channel = dialer.Open(address, timeouts, MaxMessageBytes);
            using var call = await ConnectAsync(new StateExchange.StateExchangeClient(channel));
            var header = call.ResponseStream.Current.Header ?? throw new InvalidDataException("its first message has no header");
            _header.SetResult(header);
            await PumpAsync(call.ResponseStream);
            await _pipe.Writer.CompleteAsync();
        }
        catch (Exception exception)
        {
            _header.TrySetException(exception);
            await _pipe.Writer.CompleteAsync(exception);
        }
    }

    /// <summary>Until the source sends its first message.</summary>
    private async Task<AsyncServerStreamingCall<StateChunk>> ConnectAsync(StateExchange.StateExchangeClient client)
    {
        var started = Stopwatch.GetTimestamp();
        var retry = PeerDialer.FirstRetry;
        while (true)
        {
            var call = client.Fetch(new FetchStateRequest { TrialId = trialId, Epoch = epoch, Source = source }, cancellationToken: _stop.Token);
            try
            {
                return await NextAsync(call.ResponseStream) ? call : throw new InvalidDataException("it ended the call at once");
            }
            catch (RpcException exception) when (Stopwatch.GetElapsedTime(started) < PatienceFor(exception.StatusCode))
            {
                call.Dispose();
                await Task.Delay(retry, _stop.Token);
                retry = retry * 2 < PeerDialer.LongestRetry ? retry * 2 : PeerDialer.LongestRetry;
            }
            catch
            {
                call.Dispose();
                throw;
            }
        }
    }

    private async Task PumpAsync(IAsyncStreamReader<StateChunk> chunks)
    {
        while (await NextAsync(chunks))
        {
            _pipe.Writer.Write(chunks.Current.Data.Span);
            if ((await _pipe.Writer.FlushAsync(_stop.Token)).IsCompleted)
            {
                return;
            }
        }
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<StateChunk> chunks)
    {
        try
        {
            return await chunks.MoveNext(_stop.Token).WaitAsync(timeouts.Peer, _stop.Token);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"it was silent for {timeouts.Peer.TotalSeconds:0.###} s");
        }
    }

    private TimeSpan PatienceFor(StatusCode status) => status switch
    {
        StatusCode.Unavailable => timeouts.Peer,
        StatusCode.NotFound => timeouts.Join,
        StatusCode.ResourceExhausted => timeouts.Operation,
        _ => TimeSpan.Zero,
    };

    private PeerLostException Lost(Exception exception)
    {
        var reason = exception is RpcException rpc ? rpc.Status.Detail : exception.Message;
        return new PeerLostException(-1, source, $"Lost {source} at {address} while receiving its state for epoch {epoch} of {trialId}: {reason.TrimEnd('.')}.", exception);
    }
}
