using DivCo.Cli.Output;
using Google.Rpc;
using Grpc.Core;

namespace DivCo.Cli.Connection;

/// <summary>What a failed call means to the person who made it.</summary>
internal static class RpcFailure
{
    public static ExitCode Explain(RpcException failure, Uri? server, Terminal terminal)
    {
        var violations = failure.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations;
        foreach (var violation in violations ?? [])
        {
            terminal.Complain($"{violation.Field}: {violation.Description}");
        }

        if (violations is null or [])
        {
            terminal.Complain(failure switch
            {
                { StatusCode: StatusCode.DeadlineExceeded } =>
                    $"{server} did not answer within {ClusterConnection.CallTimeout.TotalSeconds:0} s: it is busy, or waits for a server that was lost; try again",

                // A refusal by whoever answered bears no exception of this side.
                { StatusCode: StatusCode.Unavailable, Status.DebugException: not null } =>
                    $"no server answers at {server}: {failure.Status.Detail}; start one with 'divco serve', or name one with --server",
                _ => failure.Status.Detail,
            });
        }

        return Code(failure.StatusCode);
    }

    public static bool IsUnreachable(StatusCode status) => status is StatusCode.Unavailable or StatusCode.DeadlineExceeded;

    private static ExitCode Code(StatusCode status) => status switch
    {
        StatusCode.NotFound => ExitCode.NotFound,
        StatusCode.InvalidArgument or StatusCode.AlreadyExists or StatusCode.OutOfRange => ExitCode.Usage,
        _ when IsUnreachable(status) => ExitCode.Unreachable,
        _ => ExitCode.Failed,
    };
}
