using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace DivCo.Training.Tests;

/// <summary>Sums what the instruments of training record of one device.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly ConcurrentDictionary<string, (long Count, double Sum)> _series = new();
    private readonly MeterListener _listener = new();
    private readonly string _device;

    public Measurements(string device)
    {
        _device = device;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TrainingTelemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <param name="instrument">Its name, and after a space the values of the attributes beside the device.</param>
    public (long Count, double Sum) Of(string instrument) => _series.GetValueOrDefault(instrument);

    public IEnumerable<string> Series => _series.Keys;

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (isOurs, name) = (false, instrument.Name);
        foreach (var (key, tag) in tags)
        {
            isOurs |= key == TrainingTelemetry.Device && Equals(tag, _device);
            name += key == TrainingTelemetry.Device ? "" : $" {tag}";
        }

        if (isOurs)
        {
            _series.AddOrUpdate(name, (1, value), (_, before) => (before.Count + 1, before.Sum + value));
        }
    }
}
