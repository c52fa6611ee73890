using DivCo.Protocol.V1;
using Orleans.Concurrency;

namespace DivCo.Cluster.Sweeps;

/// <summary>One sweep; its key is the sweep's id. Every operation may be repeated.</summary>
public interface ICoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Writes the sweep down, then starts it. The same spec again is the same sweep.</summary>
    /// <returns>False where the id is taken by another spec.</returns>
    Task<bool> Submit(SweepSpec spec);

    /// <summary>Null where there is no such sweep.</summary>
    Task<Sweep?> Get(bool withTrials);

    /// <summary>Stops the sweep (null) or one trial. Null result: there is no such sweep or trial.</summary>
    Task<Sweep?> Stop(int? trial);

    /// <summary>Queues the sweep's stopped and failed trials (null) or one of them again. Null result: there is no such sweep or trial.</summary>
    Task<Sweep?> Resume(int? trial);

    /// <summary>The ledger of one trial, oldest first; null: there is no such trial.</summary>
    Task<IReadOnlyList<Checkpoint>?> Checkpoints(int trial);

    /// <summary>A trial changed.</summary>
    [OneWay]
    Task Nudge();
}
