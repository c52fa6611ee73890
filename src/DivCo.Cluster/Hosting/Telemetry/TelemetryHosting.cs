using DivCo.Cluster.Api.Access;
using DivCo.Collectives;
using DivCo.Training;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>
/// Where measurements, spans and logs go: over OTLP where the standard OTEL_ variables name an endpoint, and to Prometheus where the admin port is to serve
/// /metrics. Without either nothing listens, and measuring costs as good as nothing.
/// </summary>
internal static class TelemetryHosting
{
    private static readonly string[] _endpoints =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder, ServerOptions options)
    {
        var exports = _endpoints.Any(variable => Environment.GetEnvironmentVariable(variable) is { Length: > 0 });
        if (!exports && !options.Metrics)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("divco-server", options.Cluster, serviceInstanceId: options.Name)
                .AddAttributes([new("divco.role", ClusterTelemetry.Word(options.Role))])
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics
                    .AddMeter(TrainingTelemetry.Name, ExchangeTelemetry.Name, ClusterTelemetry.Name, HardwareMetrics.Name)
                    .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.Orleans")
                    .AddView(OrleansMetrics.View);
                if (options.Metrics)
                {
                    metrics.AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0);
                }
            });
        builder.Services.AddHostedService<HardwareMetrics>();
        if (exports)
        {
            telemetry
                .WithTracing(tracing => tracing
                    .AddSource(TrainingTelemetry.Name, ExchangeTelemetry.Name, ClusterTelemetry.Name)
                    .AddAspNetCoreInstrumentation(web => web.Filter = call => IsWorthASpan(call, options)))
                .WithLogging()
                .UseOtlpExporter();
        }
    }

    public static void MapTelemetry(this IEndpointRouteBuilder admin, ServerOptions options)
    {
        if (options.Metrics)
        {
            admin.MapPrometheusScrapingEndpoint();
        }
    }

    /// <summary>Calls of the API that change something, or that somebody traces: looking alone, again and again, makes no traces.</summary>
    private static bool IsWorthASpan(HttpContext call, ServerOptions options) => options.Role != ServerRole.Silo && call.Connection.LocalPort == options.ApiPort
        && (AccessRules.Changes(call.Request.Path) || call.Request.Headers.ContainsKey("traceparent"));
}
