using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;
using DivCo.Training;

namespace DivCo.Cluster.Workers;

/// <summary>The devices of this process, each with the session that owns its thread.</summary>
internal sealed class LocalDevices : IDisposable
{
    private readonly Dictionary<string, TrainingSession> _sessions;

    public LocalDevices(ServerOptions options, Func<Device, TrainingSession> openSession)
    {
        var incarnation = Guid.NewGuid().ToString("n");
        All = [.. Enumerable.Range(0, options.Devices.Count).Select(i => new Device(
            $"{options.Name}/{options.Devices.Kind}{i}", options.Name, TorchRuntime.HardwareClass, options.ExchangeAddress, incarnation))];
        _sessions = All.ToDictionary(device => device.Id, openSession);
    }

    public IReadOnlyList<Device> All { get; }

    /// <exception cref="ArgumentException">The device is not of this process: its silo came back with fewer.</exception>
    public TrainingSession Session(string deviceId) => _sessions.TryGetValue(deviceId, out var session)
        ? session
        : throw new ArgumentException($"Device {deviceId} is not held by this silo, which holds {string.Join(", ", _sessions.Keys)}.", nameof(deviceId));

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }
}
