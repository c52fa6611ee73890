using System.IO.Pipelines;
using DivCo.Protocol.Exchange.V1;
using Google.Protobuf;
using Grpc.Core;

namespace DivCo.Collectives.Links;

/// <summary>Sends an offered state in chunks, as fast as the copier takes them.</summary>
internal sealed class StateExchangeService(ExchangeHub hub) : StateExchange.StateExchangeBase
{
    private const int ChunkBytes = 1 << 20;
    private const int MaxReaders = 16;

    private static int _readers;

    public override async Task Fetch(FetchStateRequest request, IServerStreamWriter<StateChunk> responseStream, ServerCallContext context)
    {
        var offer = hub.States.Find(request.TrialId, request.Epoch)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"no state of {request.TrialId} is offered here for epoch {request.Epoch}"));
        if (Interlocked.Increment(ref _readers) > MaxReaders)
        {
            Interlocked.Decrement(ref _readers);
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"{MaxReaders} copiers read from this process already"));
        }

        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 * ChunkBytes, resumeWriterThreshold: 2 * ChunkBytes, minimumSegmentSize: 1 << 16));
        var writing = Task.Factory.StartNew(() => Write(offer, pipe.Writer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var first = new StateChunk { Bytes = (ulong)offer.Bytes, Updates = (ulong)offer.Updates, Sha256 = offer.Sha256 };
            await responseStream.WriteAsync(first, context.CancellationToken);
            while (true)
            {
                var read = await pipe.Reader.ReadAtLeastAsync(ChunkBytes, context.CancellationToken);
                var part = read.Buffer.Slice(0, Math.Min(ChunkBytes, read.Buffer.Length));
                if (part.IsEmpty)
                {
                    break;
                }

                await responseStream.WriteAsync(new StateChunk { Data = ByteString.CopyFrom(System.Buffers.BuffersExtensions.ToArray(part)) }, context.CancellationToken);
                pipe.Reader.AdvanceTo(part.End);
            }
        }
        finally
        {
            // The writer's thread, if it still writes, sees that nobody reads any more.
            await pipe.Reader.CompleteAsync();
            await writing;
            Interlocked.Decrement(ref _readers);
        }
    }

    private static void Write(StateOffer offer, PipeWriter pipe)
    {
        try
        {
            using var stream = pipe.AsStream(leaveOpen: true);
            offer.Write(stream);
            pipe.Complete();
        }
        catch (Exception e)
        {
            pipe.Complete(e);
        }
    }
}
