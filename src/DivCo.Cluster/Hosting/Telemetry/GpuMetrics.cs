using System.Diagnostics.Metrics;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>The GPUs of this machine, read when somebody asks; without any there are no series and no word of it.</summary>
internal sealed class GpuMetrics : IHostedService, IDisposable
{
    public const string Name = "DivCo.Hardware";

    private readonly Meter _meter = new(Name);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Nvml.Count > 0)
        {
            _meter.CreateObservableGauge("hw.gpu.utilization", () => Measure(gpu => gpu.Utilization), "1", "Share of the time in which a kernel ran");
            _meter.CreateObservableUpDownCounter("hw.gpu.memory.usage", () => Measure(gpu => (double)gpu.UsedBytes), "By", "GPU memory in use");
            _meter.CreateObservableUpDownCounter("hw.gpu.memory.limit", () => Measure(gpu => (double)gpu.TotalBytes), "By", "GPU memory");
            _meter.CreateObservableGauge("hw.temperature", () => Measure(gpu => gpu.Celsius), "Cel", "Temperature of the GPU");
            _meter.CreateObservableGauge("hw.power", () => Measure(gpu => gpu.Watts), "W", "Power that the GPU draws");
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Measure(Func<GpuReading, double?> value)
    {
        for (var index = 0; index < Nvml.Count; index++)
        {
            if (Nvml.Read(index) is { } gpu && value(gpu) is { } number)
            {
                yield return new Measurement<double>(number, new("hw.id", gpu.Id), new("hw.name", gpu.Model), new("hw.type", "gpu"));
            }
        }
    }
}
