namespace DivCo.Cluster.Trials;

/// <summary>A committed state: what a member holds between two updates.</summary>
/// <param name="Epoch">Quorum epoch of its last commit.</param>
/// <param name="Updates">Updates committed since the beginning; each counts one, and the task says how many make a step.</param>
/// <param name="Sha256">Of weights, moments, running statistics and counters. Empty: not known beforehand.</param>
[GenerateSerializer, Immutable]
public sealed record QuorumCommit(
    [property: Id(0)] uint Epoch,
    [property: Id(1)] long Updates,
    [property: Id(2)] string Sha256)
{
    /// <summary>The untrained state, which every worker makes by itself.</summary>
    public static readonly QuorumCommit Beginning = new(0, 0, "");

    /// <summary>Epochs first: a count of an older epoch was overtaken, however high it is.</summary>
    public bool IsAheadOf(QuorumCommit other) => Epoch != other.Epoch ? Epoch > other.Epoch : Updates > other.Updates;

    public bool IsLevelWith(QuorumCommit other) => Epoch == other.Epoch && Updates == other.Updates;

    public override string ToString() => $"update {Updates} of epoch {Epoch}";
}
