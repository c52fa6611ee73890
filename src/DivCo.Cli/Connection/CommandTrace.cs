using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DivCo.Cli.Connection;

/// <summary>
/// The trace that begins with a command: its calls carry the context to the servers, which go on with it. Kept where the standard OTEL_ variables name an endpoint.
/// </summary>
internal static class CommandTrace
{
    private const string Name = "divco";

    private static readonly ActivitySource _source = new(Name);

    /// <summary>Dispose of it before the process ends: what is left is sent then.</summary>
    public static IDisposable? Start() =>
        IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            ? Sdk.CreateTracerProviderBuilder()
                .AddSource(Name, "Grpc.Net.Client", "System.Net.Http")
                .ConfigureResource(resource => resource.AddService(Name, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector())
                .AddOtlpExporter()
                .Build()
            : null;

    /// <param name="words">The command: divco, submit.</param>
    public static Activity? Begin(IEnumerable<string> words) => _source.StartActivity(string.Join(' ', words));

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };
}
