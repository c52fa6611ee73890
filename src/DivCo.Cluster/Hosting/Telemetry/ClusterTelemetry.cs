using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>The instruments of the grains. What they decide is rare, so attributes are made where it is counted; none names a sweep or a trial.</summary>
internal static class ClusterTelemetry
{
    /// <summary>Of the meter, and of the source of spans.</summary>
    public const string Name = "DivCo.Cluster";

    public const string State = "divco.state";

    private const string Reason = "divco.reason";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter _meter = new(Name);

    private static readonly InstrumentAdvice<double> _times = new()
    {
        HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400],
    };

    public static readonly UpDownCounter<long> Sweeps = _meter.CreateUpDownCounter<long>(
        "divco.sweep.count", "{sweep}", "Sweeps that have not ended, by state, coordinated by this silo");

    public static readonly UpDownCounter<long> Trials = _meter.CreateUpDownCounter<long>(
        "divco.trial.count", "{trial}", "Trials that have not ended, by state, led by this silo");

    public static readonly UpDownCounter<long> Devices = _meter.CreateUpDownCounter<long>(
        "divco.device.count", "{device}", "Devices of the cluster by state, as the pool sees them");

    public static readonly UpDownCounter<long> Waiting = _meter.CreateUpDownCounter<long>(
        "divco.queue.length", "{trial}", "Trials that wait for devices, as the pool sees them");

    private static readonly Counter<long> _sweepTransitions = _meter.CreateCounter<long>(
        "divco.sweep.transitions", "{sweep}", "Changes of a sweep's state, by the new state and why");

    private static readonly Counter<long> _trialTransitions = _meter.CreateCounter<long>(
        "divco.trial.transitions", "{trial}", "Changes of a trial's state, by the new state and why");

    private static readonly Counter<long> _quorumChanges = _meter.CreateCounter<long>(
        "divco.quorum.changes", "{epoch}", "Quorum epochs that began, by cause");

    private static readonly Histogram<double> _quorumTimes = _meter.CreateHistogram(
        "divco.quorum.formation.duration", "s", "Time from the begin of a quorum epoch until its members train", null, _times);

    private static readonly Histogram<double> _queueTimes = _meter.CreateHistogram(
        "divco.queue.duration", "s", "Time from a trial's first request for devices until it had them", null, _times);

    private static readonly Counter<long> _leases = _meter.CreateCounter<long>("divco.lease.changes", "{lease}", "Leases granted, grown, ended or expired");

    public static void Became(SweepPhase phase, string reason) => _sweepTransitions.Add(1, new(State, Word(phase)), new(Reason, reason));

    public static void Became(TrialPhase phase, string reason) => _trialTransitions.Add(1, new(State, Word(phase)), new(Reason, reason));

    public static void EpochBegan(QuorumCause cause) => _quorumChanges.Add(1, new KeyValuePair<string, object?>("divco.cause", Word(cause)));

    public static void EpochRuns(TimeSpan after) => _quorumTimes.Record(after.TotalSeconds);

    public static void LeaseChanged(string change) => _leases.Add(1, new KeyValuePair<string, object?>("divco.change", change));

    public static void LeaseWaited(TimeSpan waited) => _queueTimes.Record(waited.TotalSeconds);

    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{value}");
}
