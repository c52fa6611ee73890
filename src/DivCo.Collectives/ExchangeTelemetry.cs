using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace DivCo.Collectives;

/// <summary>
/// What the exchange measures of itself. Recording takes no lock that a step waits for and allocates nothing; what is recorded costs as good as nothing
/// where nobody listens. No attribute names a trial, a step or a peer.
/// </summary>
public static class ExchangeTelemetry
{
    /// <summary>Of the meter, and of the source of spans.</summary>
    public const string Name = "DivCo.Collectives";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter _meter = new(Name);

    private static readonly InstrumentAdvice<double> _times = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly Histogram<double> _durations = _meter.CreateHistogram(
        "divco.exchange.operation.duration", "s", "Time that a rank spent in a collective, waits included", null, _times);

    private static readonly Histogram<double> _waits = _meter.CreateHistogram(
        "divco.exchange.operation.wait", "s", "Time of it that the rank stood still because a peer's message was not there yet", null, _times);

    private static readonly Counter<long> _bytes = _meter.CreateCounter<long>(
        "divco.exchange.io", "By", "Elements sent to and taken from peers by the ranks of this process");

    private static readonly Counter<long> _stateBytes = _meter.CreateCounter<long>(
        "divco.exchange.state.io", "By", "Trained state sent to workers of other processes that join a quorum");

    private static readonly Counter<long> _lost = _meter.CreateCounter<long>("divco.exchange.peers.lost", "{peer}", "Peers given up by ranks of this process");

    private static readonly Counter<long> _refused = _meter.CreateCounter<long>(
        "divco.exchange.streams.refused", "{stream}", "Streams and requests refused because their quorum is over");

    private static readonly UpDownCounter<long> _parked = _meter.CreateUpDownCounter<long>(
        "divco.exchange.streams.parked", "{stream}", "Streams that wait for their rank to join");

    private static readonly KeyValuePair<string, object?>[] _collectives =
        Array.ConvertAll(Enum.GetNames<Collective>(), name => new KeyValuePair<string, object?>("divco.exchange.operation", JsonNamingPolicy.SnakeCaseLower.ConvertName(name)));

    private static readonly KeyValuePair<string, object?> _transmit = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> _receive = new("network.io.direction", "receive");

    /// <summary>The attribute of a link of this name.</summary>
    internal static KeyValuePair<string, object?> Link(string name) => new("divco.exchange.link", name);

    internal static void Took(Collective collective, TimeSpan whole, TimeSpan waited)
    {
        _durations.Record(whole.TotalSeconds, _collectives[(int)collective]);
        _waits.Record(waited.TotalSeconds, _collectives[(int)collective]);
    }

    internal static void Moved(KeyValuePair<string, object?> link, long sent, long received)
    {
        if (sent > 0)
        {
            _bytes.Add(sent, _transmit, link);
        }

        if (received > 0)
        {
            _bytes.Add(received, _receive, link);
        }
    }

    internal static void SentState(long bytes) => _stateBytes.Add(bytes);

    internal static void LostPeer() => _lost.Add(1);

    internal static void RefusedStream() => _refused.Add(1);

    internal static void Parked(int change) => _parked.Add(change);

    /// <summary>The span of one collective, in a step whose spans are kept.</summary>
    internal static Activity? Begin(Collective collective, Operation operation) => Source.StartActivity($"exchange {_collectives[(int)collective].Value}")
        ?.SetTag("divco.update", operation.Update).SetTag("divco.bucket", operation.Bucket);

    /// <summary>The span of a peer's stream, under that of the peer's training, whose context came with the call.</summary>
    /// <param name="traceparent">As W3C's Trace Context writes it; null: the peer keeps no spans.</param>
    internal static Activity? Receive(string? traceparent) =>
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var peer) ? Source.StartActivity("exchange receive", ActivityKind.Server, peer) : null;
}

/// <summary>What ranks do together.</summary>
internal enum Collective
{
    AllReduce,
    GatherSlices,
    SendSlices,
    GatherRecords,
    Reduce,
}
