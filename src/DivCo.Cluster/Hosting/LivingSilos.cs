namespace DivCo.Cluster.Hosting;

/// <summary>Which silos the membership holds for alive, by name.</summary>
internal sealed class LivingSilos(IClusterMembershipService membership)
{
    public bool Has(string silo) =>
        membership.CurrentSnapshot.Members.Values.Any(member => member.Name == silo && member.Status == SiloStatus.Active);
}
