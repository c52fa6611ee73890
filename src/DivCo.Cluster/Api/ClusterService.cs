using DivCo.Cluster.Devices;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
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
            Quarantine = use.Quarantine is { } quarantine ? View(quarantine) : null,
        }));
        return response;
    }

    public override async Task<ClearDeviceResponse> ClearDevice(ClearDeviceRequest request, ServerCallContext context) =>
        await grains.GetGrain<IDevicePoolGrain>(0).Clear(request.Id)
            ? new ClearDeviceResponse()
            : throw new RpcException(new Status(StatusCode.NotFound, $"'{request.Id}' is not in quarantine; divco devices shows what is"));

    private static Protocol.V1.Quarantine View(Devices.Quarantine quarantine)
    {
        var view = new Protocol.V1.Quarantine
        {
            TrialId = quarantine.TrialId,
            Update = quarantine.Update,
            Evidence = quarantine.Evidence,
            At = quarantine.At.ToTimestamp(),
        };
        if (quarantine.Shard is { } shard)
        {
            view.Shard = shard;
        }

        return view;
    }
}
