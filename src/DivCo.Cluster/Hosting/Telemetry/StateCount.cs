using System.Diagnostics.Metrics;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>Counts one thing among those of its state, for as long as its grain is active here.</summary>
internal sealed class StateCount(UpDownCounter<long> counter)
{
    private string? _state;

    /// <param name="state">Null: it has ended, or its grain goes elsewhere.</param>
    public void Move(string? state)
    {
        if (_state == state)
        {
            return;
        }

        Add(_state, -1);
        Add(state, +1);
        _state = state;
    }

    private void Add(string? state, int change)
    {
        if (state is not null)
        {
            counter.Add(change, new KeyValuePair<string, object?>(ClusterTelemetry.State, state));
        }
    }
}
