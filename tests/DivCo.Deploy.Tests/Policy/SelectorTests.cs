using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>Whatever names or selects something finds it.</summary>
public sealed class SelectorTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task A_workload_selects_its_own_pods_and_no_others(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload => Assert.Same(workload, Assert.Single(overlay.Workloads, it => workload.Selector.Selects(it.Labels))));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task A_service_selects_one_workload_and_its_ports_are_there(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Of<V1Service>(), service =>
        {
            var workload = Assert.Single(overlay.Workloads, service.Selects);
            Assert.All(service.Spec.Ports, port => Assert.Equal(workload.PortOf(port.TargetPort.Value), port.Port));
        });
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task A_stateful_set_has_a_headless_service_of_its_own(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Of<V1StatefulSet>(), set =>
        {
            var service = Assert.Single(overlay.Of<V1Service>(), it => it.Metadata.Name == set.Spec.ServiceName);
            Assert.Equal("None", service.Spec.ClusterIP);
            Assert.True(service.Selects(overlay.Workloads.Single(it => ReferenceEquals(it.Object, set))));
        });
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_workload_has_one_disruption_budget_that_can_be_kept(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            var budget = Assert.Single(overlay.Of<V1PodDisruptionBudget>(), it => it.Spec.Selector.Selects(workload.Labels));

            // One that forbids the last pod to go would hold up its node for ever.
            Assert.True(budget.Spec.MaxUnavailable is not null || int.Parse(budget.Spec.MinAvailable.Value) < workload.Replicas, $"{budget.Metadata.Name} of {name}");
        });
        Assert.All(overlay.Of<V1PodDisruptionBudget>(), budget => Assert.Single(overlay.Workloads, it => budget.Spec.Selector.Selects(it.Labels)));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Accounts_priorities_claims_and_config_maps_are_there(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            var account = Assert.Single(overlay.Of<V1ServiceAccount>(), it => it.Metadata.Name == workload.Pod.ServiceAccountName);
            Assert.False(account.AutomountServiceAccountToken);
            Assert.False(workload.Pod.AutomountServiceAccountToken);
            Assert.Single(overlay.Of<V1PriorityClass>(), it => it.Metadata.Name == workload.Pod.PriorityClassName);
            Assert.All(workload.Pod.Volumes, volume =>
            {
                if (volume.PersistentVolumeClaim is { } claim)
                {
                    Assert.Single(overlay.Of<V1PersistentVolumeClaim>(), it => it.Metadata.Name == claim.ClaimName);
                }

                if (volume.ConfigMap is { } map)
                {
                    Assert.Matches("-[a-z0-9]{10}$", Assert.Single(overlay.Of<V1ConfigMap>(), it => it.Metadata.Name == map.Name).Metadata.Name);
                }
            });
            var claims = (workload.Object as V1StatefulSet)?.Spec.VolumeClaimTemplates ?? [];
            Assert.All(workload.Container.VolumeMounts, mount => Assert.Single(
                workload.Pod.Volumes.Select(volume => volume.Name).Concat(claims.Select(claim => claim.Metadata.Name)), mounted => mounted == mount.Name));
        });
    }
}
