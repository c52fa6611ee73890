namespace DivCo.Cluster.Devices;

/// <summary>A device that computed other bits than its peers. No trial gets it until a person has cleared it.</summary>
/// <param name="DeviceId">Whichever process holds it: a restart mends no hardware.</param>
/// <param name="TrialId">Whose audit found it.</param>
/// <param name="Update">Of the trial; it was not committed, and made again without the device.</param>
/// <param name="Shard">That it computed; null: a sum over shards.</param>
/// <param name="Evidence">The votes, in words.</param>
[GenerateSerializer, Immutable]
public sealed record Quarantine(
    [property: Id(0)] string DeviceId,
    [property: Id(1)] string TrialId,
    [property: Id(2)] long Update,
    [property: Id(3)] int? Shard,
    [property: Id(4)] string Evidence,
    [property: Id(5)] DateTimeOffset At);
