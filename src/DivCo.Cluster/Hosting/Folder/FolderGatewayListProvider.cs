using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>Tells an Orleans client, from the membership table, where silos take clients.</summary>
internal sealed class FolderGatewayListProvider(FolderMembershipTable table, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways() =>
    [
        .. (await table.ReadAll()).Members
            .Select(member => member.Item1)
            .Where(silo => silo.Status == SiloStatus.Active && silo.ProxyPort != 0)
            .Select(silo => SiloAddress.New(silo.SiloAddress.Endpoint.Address, silo.ProxyPort, silo.SiloAddress.Generation).ToGatewayUri()),
    ];
}
