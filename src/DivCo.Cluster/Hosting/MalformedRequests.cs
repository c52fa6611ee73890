using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// gRPC answers UNKNOWN for whatever is thrown, also where bytes are no message of the method: then nothing of ours has run, the caller is to blame,
/// and is told so with INVALID_ARGUMENT.
/// </summary>
internal sealed class MalformedRequests : Interceptor
{
    private const string StatusHeader = "grpc-status", MessageHeader = "grpc-message";
    private static readonly object _wasRead = new();

    /// <summary>As middleware before the methods.</summary>
    public static async Task Pass(HttpContext call, RequestDelegate next)
    {
        await next(call);
        var answer = call.Response.HasStarted ? call.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : call.Response.Headers;
        if (!call.Items.ContainsKey(_wasRead) && answer is { IsReadOnly: false } && answer[StatusHeader] == $"{(int)StatusCode.Unknown}")
        {
            answer[StatusHeader] = $"{(int)StatusCode.InvalidArgument}";
            answer[MessageHeader] = Uri.EscapeDataString($"the request is no message that {call.Request.Path} takes; is the client of this server's version?");
        }
    }

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        WasRead(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        WasRead(context);
        return continuation(request, responseStream, context);
    }

    private static void WasRead(ServerCallContext context) => context.GetHttpContext().Items[_wasRead] = true;
}
