using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace DivCo.Cluster.Devices;

/// <summary>Places a grain whose key is a device id, such as <c>silo-a/cpu0</c>, on the silo of that name, the part before the last '/'.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DevicePlacementAttribute() : PlacementAttribute(new DevicePlacement());

/// <summary>The strategy behind <see cref="DevicePlacementAttribute"/>.</summary>
[Serializable, GenerateSerializer, Immutable]
internal sealed class DevicePlacement : PlacementStrategy;

internal sealed class DevicePlacementDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var device = target.GrainIdentity.Key.ToString()!;
        var slash = device.LastIndexOf('/');
        if (slash <= 0)
        {
            throw new OrleansException($"'{device}' is no device id; one looks like 'silo-a/cpu0'.");
        }

        var name = device[..slash];
        var silo = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && member.Name == name)
            .MaxBy(member => member.SiloAddress.Generation);
        return silo is null
            ? throw new OrleansException($"Device '{device}' cannot be reached: silo '{name}' is not an active member of the cluster.")
            : Task.FromResult(silo.SiloAddress);
    }
}
