using System.Diagnostics.Metrics;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>A number that is known anew from time to time, of one state; nothing where its grain is not active.</summary>
internal sealed class Level(UpDownCounter<long> counter, string? state = null)
{
    private readonly KeyValuePair<string, object?>[] _tags = state is null ? [] : [new(ClusterTelemetry.State, state)];
    private long _value;

    public void Set(long value)
    {
        counter.Add(value - _value, _tags);
        _value = value;
    }
}
