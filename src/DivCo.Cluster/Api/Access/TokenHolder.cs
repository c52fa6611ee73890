using DivCo.Protocol;

namespace DivCo.Cluster.Api.Access;

/// <summary>Whose token a call bears, what they may do, and until when; null: for ever.</summary>
internal sealed record TokenHolder(string Name, AccessRole Role, DateTimeOffset? Until = null);
