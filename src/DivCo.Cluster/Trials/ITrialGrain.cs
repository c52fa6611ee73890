using Orleans.Concurrency;

namespace DivCo.Cluster.Trials;

/// <summary>
/// One trial; its key is the trial's id. The coordinator drives it by orders and takes its reports; the session of rank 0 reports to it.
/// Calls go one way only, coordinator to trial to pool and workers, so that no two grains ever wait for each other.
/// </summary>
public interface ITrialGrain : IGrainWithStringKey
{
    /// <summary>Takes an order (again and again: that is harmless) and answers with the present state.</summary>
    Task<TrialReport> Advance(TrialOrder order);

    /// <summary>Reads only, so it need not wait for a decision under way.</summary>
    [AlwaysInterleave]
    Task<TrialReport> Status();

    /// <summary>Losses of rank 0, in the order of the steps; one that came before changes nothing. Null: written, or of an epoch that is over; else why they cannot be written now: to be said again.</summary>
    Task<string?> Report(uint epoch, int step, Dictionary<string, double> metrics);

    /// <summary>A checkpoint that rank 0 wrote. Answers as <see cref="Report"/>; one of an epoch that is over is not kept.</summary>
    Task<string?> Propose(uint epoch, CheckpointEntry checkpoint);

    /// <summary>Something changed at a worker.</summary>
    [OneWay]
    Task Nudge();
}
