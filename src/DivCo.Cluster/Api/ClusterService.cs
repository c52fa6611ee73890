using DivCo.Cluster.Devices;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cluster.Api;

/// <summary>What the cluster is made of.</summary>
internal sealed class ClusterService(IGrainFactory grains) : Protocol.V1.ClusterService.ClusterServiceBase
{
    public override async Task<ListDevicesResponse> ListDevices(ListDevicesRequest request, ServerCallContext context)
    {
        var uses = await grains.GetGrain<IDevicePoolGrain>(0).List();
        var response = new ListDevicesResponse();
        response.Devices.AddRange(uses.Select(use => new Protocol.V1.Device
        {
            Id = use.Device.Id,
            Silo = use.Device.Silo,
            HardwareClass = use.Device.HardwareClass,
            TrialId = use.TrialId ?? "",
            ExchangeAddress = use.Device.Exchange.ToString(),
        }));
        return response;
    }
}
