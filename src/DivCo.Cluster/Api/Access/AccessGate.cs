using System.Globalization;
using Grpc.Core;

namespace DivCo.Cluster.Api.Access;

/// <summary>
/// Lets a call of the public API in or not, before anything of its body is read, and within its caller's limits. Whoever reaches the port may ask for its
/// health; without a token file, on loopback, everybody of this machine is let in to the rest.
/// </summary>
internal sealed class AccessGate(AccessLog log, CallLimits limits, TimeProvider time, CurrentTokens? tokens = null)
{
    private const string Health = "/grpc.health.v1.Health";
    private static readonly object _caller = new();

    /// <summary>Who makes a call that was let in.</summary>
    public static string CallerOf(HttpContext call) => (string)call.Items[_caller]!;

    public async Task Pass(HttpContext call, RequestDelegate next)
    {
        IDisposable lease;
        try
        {
            (var caller, lease) = Admit(call);
            call.Items[_caller] = caller;
        }
        catch (RpcException refused)
        {
            // The status in the headers and no body: what gRPC calls Trailers-Only.
            call.Response.ContentType = "application/grpc";
            call.Response.Headers["grpc-status"] = ((int)refused.StatusCode).ToString(CultureInfo.InvariantCulture);
            call.Response.Headers["grpc-message"] = Uri.EscapeDataString(refused.Status.Detail);
            return;
        }

        using (lease)
        {
            await next(call);
        }
    }

    private (string Caller, IDisposable Lease) Admit(HttpContext call)
    {
        var address = call.Connection.RemoteIpAddress;
        if (call.Request.Path.StartsWithSegments(Health, StringComparison.Ordinal))
        {
            return ("health", limits.Begin($"who asks for health at {address}"));
        }

        if (tokens is null)
        {
            return ("local", limits.Begin("local"));
        }

        var (holder, refusal) = AccessRules.Decide(tokens.Now, call.Request.Headers.Authorization, call.Request.Path.Value ?? "", time.GetUtcNow());
        if (refusal is null)
        {
            return (holder!.Name, limits.Begin(holder.Name));
        }

        // Whoever guesses is limited too, and the log with it.
        limits.Begin($"who is refused at {address}").Dispose();
        log.Refused(holder?.Name, $"{address}:{call.Connection.RemotePort}", call.Request.Path, refusal);
        throw new RpcException(new Status(holder is null ? StatusCode.Unauthenticated : StatusCode.PermissionDenied, refusal));
    }
}
