using DivCo.Cluster.Hosting;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace DivCo.Cluster.Api;

/// <summary>While a silo that was lost is replaced, grains cannot be reached for some seconds: callers are told to try again, not that something broke.</summary>
internal sealed class TransientFailures : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (StorageRefusal.Of(e) is { } obstacle)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"the server {obstacle}; try again when it can", e));
        }
        catch (Exception e) when (IsTransient(e))
        {
            throw Unavailable(e);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (IsTransient(e))
        {
            throw Unavailable(e);
        }
    }

    private static bool IsTransient(Exception e) => e is OrleansException or TimeoutException;

    private static RpcException Unavailable(Exception e) => new(new Status(
        StatusCode.Unavailable,
        StorageRefusal.IsAway(e)
            ? "the Redis that keeps the records does not answer; trainings go on, try again when it is back"
            : $"the cluster takes up what a lost server held; try again ({e.Message.Split('\n')[0].TrimEnd()})",
        e));
}
