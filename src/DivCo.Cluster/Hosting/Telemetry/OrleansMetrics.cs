using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>Of the many metrics of Orleans those that say how storage and grain calls do, in buckets that fit milliseconds.</summary>
internal static class OrleansMetrics
{
    private static readonly double[] _milliseconds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000];

    public static MetricStreamConfiguration? View(Instrument instrument) => instrument.Meter.Name != "Microsoft.Orleans" ? null
        : instrument.Name is "orleans-storage-read-latency" or "orleans-storage-write-latency" or "orleans-app-requests-latency"
            ? new ExplicitBucketHistogramConfiguration { Boundaries = _milliseconds }
        : instrument.Name is "orleans-storage-read-errors" or "orleans-storage-write-errors" or "orleans-grains" ? null
        : MetricStreamConfiguration.Drop;
}
