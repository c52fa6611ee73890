using DivCo.Protocol;

namespace DivCo.Cluster.Api.Access;

/// <summary>Whose token a call bears, and what they may do.</summary>
internal sealed record TokenHolder(string Name, AccessRole Role);
