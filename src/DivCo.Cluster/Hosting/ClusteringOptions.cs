using System.Net;

namespace DivCo.Cluster.Hosting;

/// <summary>Who a silo is and where it listens.</summary>
internal sealed record ClusteringOptions
{
    /// <summary>The silo's name, unique in the cluster: devices are named after it.</summary>
    public required string SiloName { get; init; }

    /// <summary>The address it listens on.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>The address at which others reach it.</summary>
    public IPAddress Advertise { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port for other silos.</summary>
    public required int SiloPort { get; init; }

    /// <summary>TCP port for Orleans clients.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Silos with the same id form one cluster.</summary>
    public string ClusterId { get; init; } = "divco";

    /// <summary>Version of the product; silos of one cluster have the same.</summary>
    public string Version { get; init; } = Product.Version;
}
