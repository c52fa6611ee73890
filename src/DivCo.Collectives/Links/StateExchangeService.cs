using DivCo.Protocol.Exchange.V1;
using Google.Protobuf;
using Grpc.Core;

namespace DivCo.Collectives.Links;

/// <summary>The sending end of a state transfer: as fast as the receiver takes it.</summary>
internal sealed class StateExchangeService(ExchangeHub hub) : StateExchange.StateExchangeBase
{
    private const int ChunkBytes = 1 << 20;

    public override async Task Fetch(FetchStateRequest request, IServerStreamWriter<StateChunk> chunks, ServerCallContext context)
    {
        var (admission, reason, reading) = hub.OpenState(request.TrialId, request.Epoch, request.Source);
        if (reading is null)
        {
            throw new RpcException(new Status(StatusOf(admission), reason));
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, reading.Failed);
        var (content, offer) = (reading.Content, reading.Offer);
        try
        {
            await chunks.WriteAsync(new StateChunk { Header = new StateHeader { Bytes = offer.Bytes, Updates = offer.Updates, Sha256 = offer.Sha256 } }, either.Token);
            while (true)
            {
                var result = await content.ReadAsync(either.Token);
                foreach (var segment in result.Buffer)
                {
                    for (var rest = segment; !rest.IsEmpty; rest = rest[Math.Min(ChunkBytes, rest.Length)..])
                    {
                        var data = UnsafeByteOperations.UnsafeWrap(rest[..Math.Min(ChunkBytes, rest.Length)]);
                        await chunks.WriteAsync(new StateChunk { Data = data }, either.Token);
                        ExchangeTelemetry.SentState(data.Length);
                    }
                }

                content.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Aborted, (reading.Failure ?? exception).Message));
        }
        finally
        {
            reading.Cancel(new IOException("the receiver has gone"));
            await content.CompleteAsync();
        }
    }

    private static StatusCode StatusOf(StateAdmission admission) => admission switch
    {
        StateAdmission.Unknown => StatusCode.NotFound,
        StateAdmission.Busy => StatusCode.ResourceExhausted,
        _ => StatusCode.FailedPrecondition,
    };
}
