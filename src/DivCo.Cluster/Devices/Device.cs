namespace DivCo.Cluster.Devices;

/// <summary>One device as its silo announces it.</summary>
/// <param name="Id">&lt;silo&gt;/cpu0; also the key of its worker grain.</param>
/// <param name="Silo">Name of the silo that holds it.</param>
/// <param name="HardwareClass">Weights are bitwise equal only within one class, so a trial never mixes them.</param>
/// <param name="Exchange">Where the silo listens for gradients.</param>
/// <param name="Incarnation">Of the silo's process: a restarted silo is another one.</param>
[GenerateSerializer, Immutable]
public sealed record Device(
    [property: Id(0)] string Id,
    [property: Id(1)] string Silo,
    [property: Id(2)] string HardwareClass,
    [property: Id(3)] Uri Exchange,
    [property: Id(4)] string Incarnation);
