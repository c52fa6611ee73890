using DivCo.Protocol.V1;

namespace DivCo.Cluster.Trials;

/// <summary>What the coordinator wants of a trial. It repeats the order until the trial's report shows that it is done.</summary>
/// <param name="Run">Grows when a stopped or failed trial is queued again.</param>
/// <param name="Resources">How many devices, and how they are used; none of it changes a bit of the weights.</param>
/// <param name="Stop">True: stop with a checkpoint.</param>
/// <param name="Checkpoints">What the ledger holds, newest first.</param>
[GenerateSerializer, Immutable]
public sealed record TrialOrder(
    [property: Id(0)] int Run,
    [property: Id(1)] string TrialHash,
    [property: Id(2)] TrialSpec Trial,
    [property: Id(3)] Resources Resources,
    [property: Id(4)] bool Stop,
    [property: Id(5)] IReadOnlyList<CheckpointEntry> Checkpoints)
{
    /// <summary>Context of the span that the order comes from; null: it is not traced.</summary>
    [Id(6)]
    public string? Trace { get; init; }

    /// <summary>On how many devices the trial trains.</summary>
    internal QuorumSize Size => Resources.Elastic is { } elastic ? new(elastic.Min, elastic.Max) : new(Resources.Workers, Resources.Workers);
}

/// <summary>What a trial answers.</summary>
/// <param name="Proposals">Checkpoints that the ledger has not shown yet, oldest first.</param>
/// <param name="Revision">Grows with every change, across restarts of the grain.</param>
[GenerateSerializer, Immutable]
public sealed record TrialReport(
    [property: Id(0)] int Run,
    [property: Id(1)] TrialPhase Phase,
    [property: Id(2)] string Reason,
    [property: Id(3)] uint Epoch,
    [property: Id(4)] int Step,
    [property: Id(5)] Dictionary<string, double> Metrics,
    [property: Id(6)] IReadOnlyList<string> Devices,
    [property: Id(7)] IReadOnlyList<CheckpointEntry> Proposals,
    [property: Id(8)] long Revision);
