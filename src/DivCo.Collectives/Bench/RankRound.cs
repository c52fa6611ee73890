namespace DivCo.Collectives.Bench;

/// <summary>What some operations took in one process.</summary>
/// <param name="Seconds">Of each.</param>
/// <param name="AllocatedBytes">Managed memory allocated by the whole process meanwhile, the meetings before each operation included.</param>
public sealed record RankRound(IReadOnlyList<double> Seconds, long AllocatedBytes);
