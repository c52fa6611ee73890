using DivCo.Deploy.Tests.Rendering;

namespace DivCo.Deploy.Tests.Containers;

/// <summary>The real executable takes what every container gives it.</summary>
[Collection(Cluster.OneAtATime)]
public sealed class ConfigurationTests(Cluster cluster) : IClassFixture<Cluster>
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_server_s_settings_are_accepted(string name)
    {
        var overlay = await Overlay.Render(name);
        foreach (var workload in overlay.Workloads.Where(workload => workload.IsServer))
        {
            var pod = await cluster.Pod(overlay, workload.Component);
            var process = pod.Start("--print-config");
            Assert.True(await process.Exit() == 0, $"{process}");
            var settings = process.Output.Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(words => words[0], words => words[1]);
            Assert.Equal(workload.Component == "gateway" ? "gateway" : "silo", settings["--role"]);
            Assert.Equal(pod.Name, settings["--name"]);
            Assert.Equal(pod.Address, settings["--advertise"]);
            Assert.Equal("redis", settings["--storage"]);
            Assert.Equal("(none)", settings["--insecure"]);
            Assert.Equal(
                workload.Component == "gateway" ? ["admin", "api"] : ["admin", "clients", "exchange", "silo"],
                workload.Container.Ports.Select(port => port.Name).Order());
            Assert.All(workload.Container.Ports, port => Assert.Equal($"{port.ContainerPort}", settings[port.Name == "clients" ? "--gateway-port" : $"--{port.Name}-port"]));
        }
    }
}
