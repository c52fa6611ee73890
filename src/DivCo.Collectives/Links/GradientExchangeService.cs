using DivCo.Protocol.Exchange.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace DivCo.Collectives.Links;

/// <summary>The receiving end: one call for each peer of each rank here. It reads as fast as the rank's mailbox has room.</summary>
internal sealed class GradientExchangeService(ExchangeHub hub, ILogger<GradientExchangeService> logger)
{
    /// <summary>The header by which a rank says that it reads the shared memory of the peer.</summary>
    public const string ReadsMemory = "divco-reads-memory";

    public async Task<ExchangeReceipt> Exchange(IAsyncStreamReader<ExchangeMessage> messages, ServerCallContext call)
    {
        // 1. Who is it, and for whom? Refused if stale, parked if the rank is not there yet.
        var hello = await ReadHelloAsync(messages, call.CancellationToken);
        var mailbox = await hub.AdmitAsync(hello, call.CancellationToken);
        var (quorum, from) = (mailbox.Quorum, hello.FromRank);
        if (!mailbox.TryConnect(from))
        {
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"rank {from} of {quorum} has a stream to rank {mailbox.Rank} already"));
        }

        using var span = ExchangeTelemetry.Receive(call.RequestHeaders.GetValue("traceparent"));
        span?.SetTag("divco.device.id", quorum.Members[mailbox.Rank]).SetTag("divco.exchange.peer", quorum.Members[from]).SetTag("divco.epoch", quorum.Epoch);

        // 2. The headers tell the peer that it may send.
        var memory = hub.Transport == ExchangeTransport.Shm && hello.Memory is var (process, file, nonce) && process > 0 ? MappedMemory.Open(process, file, nonce) : null;
        await call.WriteResponseHeadersAsync(memory is null ? [] : new Metadata { { ReadsMemory, "1" } });
        mailbox.Post(from, hello);

        // 3. Deliver until it leaves, its stream breaks, or our rank leaves.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, mailbox.Closed);
        try
        {
            await DeliverAsync(messages, mailbox, from, memory, either.Token);
        }
        catch (OperationCanceledException) when (mailbox.Closed.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            var reason = exception is InvalidDataException ? exception.Message : $"its stream broke: {exception.Message}";
            mailbox.Fail(from, reason);
            logger.LogWarning("Rank {Rank} ({Member}) of {Quorum} is lost to rank {To}: {Reason}", from, quorum.Members[from], quorum, mailbox.Rank, reason);
            throw new RpcException(new Status(StatusCode.InvalidArgument, reason));
        }

        return new ExchangeReceipt();
    }

    private static async Task<ExchangeMessage> ReadHelloAsync(IAsyncStreamReader<ExchangeMessage> messages, CancellationToken cancellation)
    {
        try
        {
            if (await messages.MoveNext(cancellation))
            {
                return messages.Current;
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, exception.Message));
        }

        throw new RpcException(new Status(StatusCode.InvalidArgument, "the stream is empty; it begins with Hello"));
    }

    private static async Task DeliverAsync(
        IAsyncStreamReader<ExchangeMessage> messages, Mailbox mailbox, int from, MappedMemory? memory, CancellationToken cancellation)
    {
        var left = false;
        while (await messages.MoveNext(cancellation))
        {
            var message = messages.Current;
            message.Resolve(memory);
            if (left || !message.IsOf(mailbox.Quorum) || message.Kind is < MessageKind.Heartbeat or > MessageKind.Record)
            {
                message.Payload?.Release();
                throw new InvalidDataException(
                    $"it sent {message.Kind} of quorum {message.Epoch} ({message.QuorumHash:x16}) {(left ? "after its farewell" : $"in {mailbox.Quorum} ({mailbox.Quorum.Hash:x16})")}");
            }

            left = message.Kind == MessageKind.Leave;
            mailbox.Post(from, message);
            await mailbox.RoomFor(from).WaitAsync(cancellation);
        }

        if (!left)
        {
            throw new InvalidDataException("its stream ended without a farewell");
        }
    }
}
