using DivCo.Protocol;

namespace DivCo.Cluster.Api.Access;

/// <summary>Which role a method of the public API asks for. What is not named asks for the highest.</summary>
internal static class AccessRules
{
    private static readonly Dictionary<string, AccessRole> _roles = new(StringComparer.Ordinal)
    {
        ["/divco.v1.SweepService/Get"] = AccessRole.Viewer,
        ["/divco.v1.SweepService/List"] = AccessRole.Viewer,
        ["/divco.v1.SweepService/Watch"] = AccessRole.Viewer,
        ["/divco.v1.SweepService/Logs"] = AccessRole.Viewer,
        ["/divco.v1.SweepService/Submit"] = AccessRole.Submitter,
        ["/divco.v1.SweepService/Stop"] = AccessRole.Submitter,
        ["/divco.v1.SweepService/Resume"] = AccessRole.Submitter,
        ["/divco.v1.CheckpointService/List"] = AccessRole.Viewer,
        ["/divco.v1.CheckpointService/Download"] = AccessRole.Viewer,
        ["/divco.v1.CheckpointService/ListSamples"] = AccessRole.Viewer,
        ["/divco.v1.CheckpointService/DownloadSample"] = AccessRole.Viewer,
        ["/divco.v1.ClusterService/ListDevices"] = AccessRole.Viewer,
        ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] = AccessRole.Viewer,
    };

    public static AccessRole RoleFor(string method) => _roles.GetValueOrDefault(method, AccessRole.Operator);

    /// <summary>Whether a call may change something, and is written down.</summary>
    public static bool Changes(string method) => RoleFor(method) > AccessRole.Viewer;

    /// <param name="authorization">The header, such as <c>Bearer divco_...</c>; null where the call has none.</param>
    /// <returns>The holder, or why the call is not let in: not known (no holder), or known without the role.</returns>
    public static (TokenHolder? Holder, string? Refusal) Decide(TokenFile tokens, string? authorization, string method, DateTimeOffset now)
    {
        const string Scheme = "Bearer ";
        const int MaxLength = 256;
        if (authorization is null)
        {
            return (null, "the call bears no token; set DIVCO_TOKEN, or send 'authorization: Bearer <token>'");
        }

        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || authorization.Length > MaxLength
            || tokens.Find(authorization[Scheme.Length..].Trim()) is not { } holder)
        {
            return (null, "the token is not known here; ask for a new one ('divco token')");
        }

        if (holder.Until <= now)
        {
            return (null, $"the token of {holder.Name} counted until {holder.Until:u}; ask for a new one ('divco token')");
        }

        return holder.Role >= RoleFor(method)
            ? (holder, null)
            : (holder, $"{holder.Name} is {Word(holder.Role)}, and {method} asks for {Word(RoleFor(method))}");
    }

    private static string Word(AccessRole role) => role.ToString().ToLowerInvariant();
}
