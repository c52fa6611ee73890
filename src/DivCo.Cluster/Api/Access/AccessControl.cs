using Grpc.Core;
using Grpc.Core.Interceptors;

namespace DivCo.Cluster.Api.Access;

/// <summary>Writes down who changed what, and what came of it.</summary>
internal sealed class AccessControl(AccessLog log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var caller = AccessGate.CallerOf(context.GetHttpContext());
        try
        {
            var response = await continuation(request, context);
            log.Done(caller, context, request, StatusCode.OK);
            return response;
        }
        catch (Exception e)
        {
            log.Done(caller, context, request, e is RpcException known ? known.StatusCode : StatusCode.Unknown);
            throw;
        }
    }
}
