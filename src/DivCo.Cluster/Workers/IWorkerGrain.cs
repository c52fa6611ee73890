using DivCo.Cluster.Trials;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Workers;

/// <summary>The grain that owns one device; its key is the device id. Every call is short: the work runs on the device's own thread.</summary>
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>How the worker is; null while the device belongs to another trial, or has not left it yet.</summary>
    Task<QuorumReport?> Report(WorkerTicket ticket);

    /// <summary>Takes a command of the quorum protocol; the same one again is harmless.</summary>
    Task<QuorumReport?> Take(WorkerTicket ticket, QuorumCommand command);

    /// <summary>The trial has ended: leave it and forget what is held of it.</summary>
    Task Dismiss(string trialId);
}

/// <summary>By what right a trial speaks to a device, and what it trains.</summary>
/// <param name="LeaseToken">A newer lease takes a device over from the trial that had it.</param>
[GenerateSerializer, Immutable]
public sealed record WorkerTicket(
    [property: Id(0)] string TrialId,
    [property: Id(1)] string TrialHash,
    [property: Id(2)] TrialSpec Trial,
    [property: Id(3)] Resources Resources,
    [property: Id(4)] long LeaseToken)
{
    /// <summary>Context of the span that the trial's run began with; null: it is not traced.</summary>
    [Id(5)]
    public string? Trace { get; init; }
}
