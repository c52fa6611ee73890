using DivCo.Protocol.V1;
using Orleans.Concurrency;

namespace DivCo.Cluster.Sweeps;

/// <summary>One sweep; its key is the sweep's id. Every operation may be repeated.</summary>
public interface ICoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Writes the sweep down, then starts it. The same spec again is the same sweep.</summary>
    /// <param name="trace">Context of the caller's span; null: it is not traced.</param>
    /// <returns>False where the id is taken by another spec.</returns>
    Task<bool> Submit(SweepSpec spec, string? trace = null);

    /// <summary>Null where there is no such sweep. Reads only, so it need not wait for a decision under way.</summary>
    [AlwaysInterleave]
    Task<Sweep?> Get(bool withTrials);

    /// <summary>Stops the sweep (null) or one trial.</summary>
    Task<SweepChange> Stop(int? trial);

    /// <summary>Queues the sweep's stopped and failed trials (null) or one of them again.</summary>
    Task<SweepChange> Resume(int? trial, string? trace = null);

    /// <summary>The ledger of one trial, oldest first; null: there is no such trial.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<Checkpoint>?> Checkpoints(int trial);

    /// <summary>A trial changed.</summary>
    [OneWay]
    Task Nudge();
}

/// <summary>The sweep after a change.</summary>
/// <param name="Sweep">Null where there is no such sweep or trial, or the change was refused.</param>
/// <param name="Refusal">Why it cannot be made now.</param>
[GenerateSerializer, Immutable]
public sealed record SweepChange([property: Id(0)] Sweep? Sweep, [property: Id(1)] string? Refusal = null);
