using k8s;
using k8s.Models;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>A Deployment or a StatefulSet, as far as they are alike.</summary>
internal sealed record Workload(IKubernetesObject<V1ObjectMeta> Object, V1LabelSelector Selector, V1PodTemplateSpec Template, int Replicas)
{
    public string Component => Object.Metadata.Labels["app.kubernetes.io/component"];

    public V1PodSpec Pod => Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    /// <summary>Whether it runs the product, and not the Redis.</summary>
    public bool IsServer => Container.Command.Single() == "/app/divco-server";

    /// <summary>Names that a StatefulSet gives are known; those of a Deployment look like this.</summary>
    public string PodName(int ordinal) => Object is V1StatefulSet ? $"{Object.Metadata.Name}-{ordinal}" : $"{Object.Metadata.Name}-6d4cf56db6-x8v4{ordinal}";

    public int PortOf(string name) => Container.Ports.Single(port => port.Name == name).ContainerPort;
}
