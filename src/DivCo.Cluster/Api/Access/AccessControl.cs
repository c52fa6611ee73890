using Grpc.Core;
using Grpc.Core.Interceptors;

namespace DivCo.Cluster.Api.Access;

/// <summary>Lets a call in or not, and writes down who changed what. Without a token file, on loopback, everybody of this machine is let in.</summary>
internal sealed class AccessControl(AccessLog log, CallLimits limits, TokenFile? tokens = null) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var caller = Admit(context);
        limits.Call(caller);
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

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var stream = limits.Stream(Admit(context));
        await continuation(request, responseStream, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var stream = limits.Stream(Admit(context));
        await continuation(requestStream, responseStream, context);
    }

    private string Admit(ServerCallContext context)
    {
        if (tokens is null)
        {
            return "local";
        }

        var (holder, refusal) = AccessRules.Decide(tokens, context.RequestHeaders.GetValue("authorization"), context.Method);
        if (refusal is not null)
        {
            log.Refused(holder?.Name, context, refusal);
            throw new RpcException(new Status(holder is null ? StatusCode.Unauthenticated : StatusCode.PermissionDenied, refusal));
        }

        return holder!.Name;
    }
}
