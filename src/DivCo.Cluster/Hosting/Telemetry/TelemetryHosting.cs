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
                    .AddMeter(TrainingTelemetry.Name, ExchangeTelemetry.Name, ClusterTelemetry.Name, GpuMetrics.Name)
                    .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.Orleans")
                    .AddView(OrleansMetrics.View);
                if (options.Metrics)
                {
                    metrics.AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0);
                }
            });
        builder.Services.AddSingleton<GpuMetrics>().AddHostedService(services => services.GetRequiredService<GpuMetrics>());
        if (exports)
        {
            telemetry
                .WithTracing(tracing => tracing
                    .AddSource(TrainingTelemetry.Name, ExchangeTelemetry.Name, ClusterTelemetry.Name)
                    .AddAspNetCoreInstrumentation(web => web.Filter = call => options.Role != ServerRole.Silo && call.Connection.LocalPort == options.ApiPort))
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
}
