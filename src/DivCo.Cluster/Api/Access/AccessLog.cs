using Google.Protobuf;
using Grpc.Core;

namespace DivCo.Cluster.Api.Access;

/// <summary>The audit log of the public API: every call that may change something, whatever came of it, and every call that was not let in. Never a token.</summary>
internal sealed class AccessLog(ILogger<AccessLog> log)
{
    private const int MaxRequest = 512;

    public void Done(string caller, ServerCallContext context, object request, StatusCode outcome)
    {
        if (AccessRules.Changes(context.Method))
        {
            log.LogInformation("{Caller} at {Peer}: {Method} {Request}: {Outcome}", caller, context.Peer, context.Method, Short(request), outcome);
        }
    }

    public void Refused(string? caller, string peer, string? method, string reason) =>
        log.LogWarning("{Caller} at {Peer}: {Method} is refused: {Reason}", caller ?? "nobody known", peer, Short(method ?? ""), reason);

    private static string Short(object request) => Short(JsonFormatter.Default.Format((IMessage)request));

    private static string Short(string text) => text.Length <= MaxRequest ? text : text[..MaxRequest] + "...";
}
