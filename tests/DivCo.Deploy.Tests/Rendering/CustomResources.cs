using k8s;
using k8s.Models;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>Kinds that are not Kubernetes' own, as far as the manifests use them.</summary>
internal static class CustomResources
{
    public static IDictionary<string, Type> Types => new Dictionary<string, Type> { ["monitoring.coreos.com/v1/PodMonitor"] = typeof(PodMonitor) };
}

internal sealed class PodMonitor : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public PodMonitorSpec Spec { get; set; } = new();
}

internal sealed class PodMonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public IList<PodMetricsEndpoint> PodMetricsEndpoints { get; set; } = [];
}

internal sealed class PodMetricsEndpoint
{
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";

    public string Interval { get; set; } = "";
}
