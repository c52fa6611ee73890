using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>Every container is as the restricted standard of pod security asks, says how it does, and takes no more than it was given.</summary>
public sealed class ContainerTests
{
    private static readonly string[] _probed = ["/health/startup", "/health/ready", "/health/live"];

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_container_is_restricted(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            var (pod, container) = (workload.Pod.SecurityContext, workload.Container.SecurityContext);
            Assert.Null(workload.Pod.InitContainers);
            Assert.True(pod.RunAsNonRoot);
            Assert.True(pod.RunAsUser > 0 && pod.RunAsGroup > 0 && pod.FsGroup == pod.RunAsGroup);
            Assert.Equal("RuntimeDefault", pod.SeccompProfile.Type);
            Assert.False(container.AllowPrivilegeEscalation);
            Assert.True(container.ReadOnlyRootFilesystem);
            Assert.Null(container.Privileged);
            Assert.Equal(["ALL"], container.Capabilities.Drop);
            Assert.Null(container.Capabilities.Add);
            Assert.True(workload.Pod is { HostNetwork: null, HostPID: null, HostIPC: null, EnableServiceLinks: false });
            Assert.All(workload.Pod.Volumes, volume => Assert.True(
                volume.ConfigMap is not null || volume.Secret is not null || volume.Projected is not null || volume.EmptyDir?.SizeLimit is not null
                || volume.PersistentVolumeClaim is not null, volume.Name));
        });
        Assert.Equal("restricted", Assert.Single(overlay.Of<V1Namespace>()).Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_container_has_its_three_probes_at_a_port_it_has(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            V1Probe[] probes = [workload.Container.StartupProbe, workload.Container.ReadinessProbe, workload.Container.LivenessProbe];
            Assert.All(probes, Assert.NotNull);
            if (workload.IsServer)
            {
                Assert.Equal(_probed, probes.Select(probe => probe.HttpGet.Path));
                Assert.All(probes, probe => Assert.Equal("admin", probe.HttpGet.Port.Value));
                Assert.Equal(7402, workload.PortOf("admin"));
            }
        });
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_container_has_requests_and_limits(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            var (requests, limits) = (workload.Container.Resources.Requests, workload.Container.Resources.Limits);
            Assert.All((string[])["cpu", "memory"], what => Assert.True(requests[what].ToDecimal() > 0 && requests[what].ToDecimal() <= limits[what].ToDecimal(), what));
        });
    }

    /// <summary>The drain of a silo takes 12 s, the end of its connections 30 s.</summary>
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task A_server_is_given_longer_to_end_than_it_takes(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads.Where(workload => workload.IsServer), workload =>
            Assert.True(workload.Pod.TerminationGracePeriodSeconds >= 12 + 30 + (workload.Container.Lifecycle?.PreStop?.Sleep.Seconds ?? 0) + 10));
    }

    /// <summary>A pod that asks for no GPU sees all of its node's, unless it is told not to.</summary>
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Who_has_no_GPU_sees_none(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads.Where(workload => workload.IsServer), workload =>
        {
            var isVoid = workload.Container.Env.Any(variable => variable is { Name: "NVIDIA_VISIBLE_DEVICES", Value: "void" });
            Assert.Equal(workload.Container.Resources.Limits.ContainsKey("nvidia.com/gpu"), !isVoid);
            Assert.Equal(workload.Container.Args.Any(word => word.StartsWith("cuda:", StringComparison.Ordinal)), !isVoid);
        });
        Assert.Equal(!name.StartsWith("local", StringComparison.Ordinal), overlay.Workload("worker").Container.Resources.Limits.ContainsKey("nvidia.com/gpu"));
    }
}
