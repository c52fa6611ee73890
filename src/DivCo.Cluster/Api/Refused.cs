using DivCo.Protocol;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace DivCo.Cluster.Api;

/// <summary>Errors of the public API.</summary>
internal static class Refused
{
    public static RpcException NotFound(string id) =>
        new(new Grpc.Core.Status(StatusCode.NotFound, $"there is no sweep or trial '{id}'; divco list shows the sweeps"));

    /// <summary>INVALID_ARGUMENT with every violation as google.rpc.BadRequest.</summary>
    public static RpcException InvalidSpec(IReadOnlyList<Violation> violations)
    {
        var details = new BadRequest();
        details.FieldViolations.AddRange(violations.Select(violation => new BadRequest.Types.FieldViolation
        {
            Field = violation.Field,
            Description = violation.Description,
        }));
        return new Google.Rpc.Status
        {
            Code = (int)Code.InvalidArgument,
            Message = $"the spec has {violations.Count} errors, first: {violations[0].Field}: {violations[0].Description}",
            Details = { Any.Pack(details) },
        }.ToRpcException();
    }
}
