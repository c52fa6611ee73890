namespace DivCo.Cluster.Trials;

/// <summary>What an audit found: devices that were given the same work of an update computed different bits.</summary>
/// <param name="Epoch">In which it was found. Every member that lived to the verdict says the same.</param>
/// <param name="Update">Its number in the trial; nothing of it was committed.</param>
/// <param name="Shard">Whose bits differ; null: those of a sum over shards.</param>
/// <param name="Outvoted">Id of the device that was wrong; null: the votes do not tell.</param>
/// <param name="Evidence">What was computed, by whom, and how the votes fell.</param>
[GenerateSerializer, Immutable]
public sealed record QuorumVerdict(
    [property: Id(0)] uint Epoch,
    [property: Id(1)] long Update,
    [property: Id(2)] int? Shard,
    [property: Id(3)] string? Outvoted,
    [property: Id(4)] string Evidence);
