using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>What the trial tells one worker. Every command may come late, twice or never.</summary>
/// <param name="Member">Whom it is for; a restarted silo is another one and refuses it.</param>
[GenerateSerializer, Immutable]
public abstract record QuorumCommand([property: Id(0)] Device Member, [property: Id(1)] uint Epoch);

/// <summary>Leave whatever runs, and promise: nothing of an older epoch is committed after the answer.</summary>
[GenerateSerializer, Immutable]
public sealed record Halt(Device Member, uint Epoch) : QuorumCommand(Member, Epoch);

/// <summary>Hold the source's state, and stand still.</summary>
/// <param name="Members">In ordinal order: the index is the rank.</param>
/// <param name="Rank">Minus one: serves as the source only, and has no part in the epoch.</param>
[GenerateSerializer, Immutable]
public sealed record Prepare(
    Device Member,
    uint Epoch,
    [property: Id(0)] IReadOnlyList<Device> Members,
    [property: Id(1)] int Rank,
    [property: Id(2)] QuorumSource Source) : QuorumCommand(Member, Epoch);

/// <summary>All members hold the same state: train on.</summary>
[GenerateSerializer, Immutable]
public sealed record Go(Device Member, uint Epoch) : QuorumCommand(Member, Epoch);

/// <summary>Stop after the present step, with a checkpoint, as a person wants or because everybody leaves; said to rank 0, whose answer rides in the next reduction.</summary>
[GenerateSerializer, Immutable]
public sealed record RequestStop(Device Member, uint Epoch) : QuorumCommand(Member, Epoch);
