using System.Diagnostics;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>
/// Spans that hang together over durable decisions: a span's context, as W3C's Trace Context writes it, is kept in the records and orders of the grains, so that
/// whoever carries a decision out, in another process or after a restart, goes on with the trace of the person who asked for it.
/// </summary>
internal static class Traces
{
    /// <summary>Begins a span under a context that was kept.</summary>
    /// <param name="trace">Null, or not recorded: then there is no span.</param>
    public static Activity? Begin(string name, string? trace, ActivityKind kind = ActivityKind.Internal) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out var parent) && parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? ClusterTelemetry.Source.StartActivity(name, kind, parent)
            : null;

    /// <summary>The context of the running span, to be kept; null where there is none.</summary>
    public static string? Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } span ? span.Id : null;
}
