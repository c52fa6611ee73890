using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Tests.Hosting;

internal interface IDeviceGrain : IGrainWithStringKey
{
    Task<string> SiloName();
}

[DevicePlacement]
internal sealed class DeviceGrain(ILocalSiloDetails silo) : Grain, IDeviceGrain
{
    public Task<string> SiloName() => Task.FromResult(silo.Name);
}
