using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// gRPC answers UNKNOWN for whatever is thrown, and logs it with its stack, also where bytes are no message of the method: then nothing of ours has
/// run, the caller is to blame, is told so with INVALID_ARGUMENT, and cannot fill the log. What our own methods throw is logged here.
/// </summary>
internal sealed class MalformedRequests(ILogger<MalformedRequests> log) : Interceptor
{
    /// <summary>The category in which gRPC logs failed calls, malformed ones too.</summary>
    public const string LogOfGrpc = "Grpc.AspNetCore.Server.ServerCallHandler";

    private const string StatusHeader = "grpc-status", MessageHeader = "grpc-message";
    private static readonly string[] _unread = [$"{(int)StatusCode.Unknown}", $"{(int)StatusCode.Internal}"];
    private static readonly object _wasRead = new();

    /// <summary>As middleware before the methods.</summary>
    public static async Task Pass(HttpContext call, RequestDelegate next)
    {
        await next(call);
        var answer = call.Response.HasStarted ? call.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : call.Response.Headers;
        if (!call.Items.ContainsKey(_wasRead) && answer is { IsReadOnly: false } && _unread.Contains(answer[StatusHeader].ToString()))
        {
            answer[StatusHeader] = $"{(int)StatusCode.InvalidArgument}";
            answer[MessageHeader] = Uri.EscapeDataString($"the request is no message that {call.Request.Path} takes; is the client of this server's version?");
        }
    }

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Read(context, () => continuation(request, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Read(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    /// <summary>The method reads its stream, and answers what is malformed, itself.</summary>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Read(context, () => continuation(requestStream, context));

    private async Task<T> Read<T>(ServerCallContext context, Func<Task<T>> method)
    {
        context.GetHttpContext().Items[_wasRead] = true;
        try
        {
            return await method();
        }
        catch (Exception e) when (e is not RpcException and not OperationCanceledException && !context.CancellationToken.IsCancellationRequested)
        {
            log.LogError(e, "{Method} failed", context.Method);
            throw;
        }
    }
}
