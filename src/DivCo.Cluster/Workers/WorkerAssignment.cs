using DivCo.Protocol.V1;

namespace DivCo.Cluster.Workers;

/// <summary>What one worker is told to do in one quorum epoch.</summary>
/// <param name="LeaseToken">Of the lease that gave the device to the trial; a newer one takes a device over from an abandoned session.</param>
/// <param name="Members">Device ids of the quorum in ordinal order: the index is the rank.</param>
/// <param name="Exchanges">Exchange address of each member.</param>
/// <param name="ResumeFrom">Checkpoint folder, already verified; null: from the beginning.</param>
/// <param name="ActivationMemory">As in the spec's resources.</param>
[GenerateSerializer, Immutable]
public sealed record WorkerAssignment(
    [property: Id(0)] string TrialId,
    [property: Id(1)] string TrialHash,
    [property: Id(2)] TrialSpec Trial,
    [property: Id(3)] uint Epoch,
    [property: Id(4)] long LeaseToken,
    [property: Id(5)] IReadOnlyList<string> Members,
    [property: Id(6)] IReadOnlyList<Uri> Exchanges,
    [property: Id(7)] int Rank,
    [property: Id(8)] string? ResumeFrom,
    [property: Id(9)] string ActivationMemory);
