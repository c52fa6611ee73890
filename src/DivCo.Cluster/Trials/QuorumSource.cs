using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>Where the members of an epoch take their state from: a worker that holds it, else a checkpoint, else the beginning.</summary>
/// <param name="Commit">What they must hold when the epoch starts.</param>
[GenerateSerializer, Immutable]
public sealed record QuorumSource(
    [property: Id(0)] Device? Member,
    [property: Id(1)] CheckpointEntry? Checkpoint,
    [property: Id(2)] QuorumCommit Commit)
{
    public static readonly QuorumSource Beginning = new(null, null, QuorumCommit.Beginning);

    /// <summary>The hash is left open: the loader checks every file against the manifest, and the members compare what they loaded.</summary>
    public static QuorumSource Of(CheckpointEntry checkpoint, int updatesPerStep) =>
        new(null, checkpoint, new QuorumCommit(checkpoint.Epoch, (long)updatesPerStep * checkpoint.Step, ""));

    public override string ToString() =>
        Member is not null ? $"{Commit}, held by {Member.Id}" : Checkpoint is not null ? $"the checkpoint {Checkpoint.Name}" : "the beginning";
}
