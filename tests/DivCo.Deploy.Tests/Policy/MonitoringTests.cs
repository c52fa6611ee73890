using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>The component finds every server, at a port that the network lets Prometheus reach, and brings the rules and dashboards along.</summary>
public sealed class MonitoringTests
{
    [Fact]
    public async Task Every_server_is_scraped_at_a_port_it_has_and_serves_metrics()
    {
        var overlay = await Overlay.Render("local+monitoring");
        var monitor = Assert.Single(overlay.Of<PodMonitor>());
        Assert.Equal(overlay.Workloads.Where(workload => workload.IsServer), overlay.Workloads.Where(workload => monitor.Spec.Selector.Selects(workload.Labels)));
        Assert.All(overlay.Workloads.Where(workload => workload.IsServer), workload =>
        {
            Assert.Equal("/metrics", Assert.Single(monitor.Spec.PodMetricsEndpoints, endpoint => workload.PortOf(endpoint.Port) == 7402).Path);
            Assert.Contains(workload.Container.Env, variable => variable is { Name: "DIVCO_SERVER_METRICS", Value: "true" });
        });
    }

    [Theory]
    [InlineData("divco-prometheus-rules", "deploy/observability/prometheus", "recording.yaml", "alerts.yaml")]
    [InlineData("divco-dashboards", "deploy/observability/grafana/dashboards")]
    public async Task Rules_and_dashboards_are_those_of_the_repository(string name, string folder, params string[] files)
    {
        var overlay = await Overlay.Render("local+monitoring");
        var map = Assert.Single(overlay.Of<V1ConfigMap>(), it => it.Metadata.Name == name);
        var expected = files is [] ? Directory.GetFiles(Source.PathOf(folder)).Select(file => Path.GetFileName(file)!) : files;
        Assert.Equal(expected.Order(), map.Data.Keys.Order());
        Assert.All(map.Data, file => Assert.Equal(Source.Read($"{folder}/{file.Key}"), file.Value));
    }
}
