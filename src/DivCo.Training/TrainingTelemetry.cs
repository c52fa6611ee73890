using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DivCo.Training;

/// <summary>
/// The instruments of training, told apart by the device: there are only so many, and each trains one trial at a time. Recording decides no bit of the
/// weights and allocates nothing.
/// </summary>
public static class TrainingTelemetry
{
    /// <summary>Of the meter, and of the source of spans.</summary>
    public const string Name = "DivCo.Training";

    /// <summary>The attribute that says which device.</summary>
    public const string Device = "divco.device.id";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter _meter = new(Name);

    private static readonly InstrumentAdvice<double> _times = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private static readonly InstrumentAdvice<long> _sizes = new()
    {
        HistogramBucketBoundaries = [1L << 16, 1L << 18, 1L << 20, 1L << 22, 1L << 24, 1L << 26, 1L << 28, 1L << 30, 1L << 32],
    };

    internal static readonly Histogram<double> Steps = _meter.CreateHistogram(
        "divco.training.step.duration", "s", "Time from one step's begin to the next one's", null, _times);

    internal static readonly Histogram<double> Phases = _meter.CreateHistogram(
        "divco.training.step.phase", "s",
        "Where a step's time went: data (samples are brought in), exchange (collectives at work), wait (for peers, a checkpoint's place or a full disk), compute (all else)",
        null, _times);

    internal static readonly Counter<long> Samples = _meter.CreateCounter<long>(
        "divco.training.samples", "{sample}", "Conditions trained on, over all ranks; counted by the first");

    internal static readonly Gauge<double> Loss = _meter.CreateGauge<double>("divco.training.loss", "1", "The newest losses that the first rank reported");

    internal static readonly UpDownCounter<long> Running = _meter.CreateUpDownCounter<long>(
        "divco.training.running", "{run}", "Trials in training on the device, as first rank (lead) or another one (member)");

    internal static readonly Histogram<double> CheckpointWaits = _meter.CreateHistogram(
        "divco.checkpoint.wait", "s", "Time that a checkpoint kept the steps waiting", null, _times);

    internal static readonly Histogram<double> CheckpointWrites = _meter.CreateHistogram(
        "divco.checkpoint.duration", "s", "Time to make a checkpoint durable, beside the steps: figures, pictures, files", null, _times);

    internal static readonly Histogram<long> CheckpointSizes = _meter.CreateHistogram("divco.checkpoint.size", "By", "Files of a checkpoint", null, _sizes);

    internal static readonly Gauge<double> CheckpointTime = _meter.CreateGauge<double>(
        "divco.checkpoint.time", "s", "When the training that a device leads last had a durable checkpoint, or began; Unix time");
}
