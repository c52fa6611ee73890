using System.Text.Json;
using DivCo.Deploy.Tests.Rendering;
using DivCo.EndToEnd.Tests.Processes;
using k8s.Models;

namespace DivCo.Deploy.Tests.Containers;

/// <summary>The overlay 'local' from its rendered manifests, as processes: a cluster over TLS and Redis, and a sweep to its end.</summary>
[Collection(Cluster.OneAtATime)]
public sealed class LocalClusterTests
{
    private const string Sweep = """
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: modes}
        spec:
          seed: 7
          method: grid
          metric: {name: diversity, goal: maximize}
          parameters: {tau: {values: [0.5, 1]}}
          resources: {workers: 2}
          trial:
            dataset: {name: modes}
            model: {width: 4, latent_dim: 16, feature_dim: 16}
            batch_size: 8
            negatives: 2
            steps: 6
            shards: {data: 2}
            checkpoint: {every: 3}
        """;

    [Fact]
    public async Task Gateway_control_workers_and_Redis_finish_a_sweep()
    {
        var overlay = await Overlay.Render("local");
        await using var cluster = new Cluster();
        await Start(cluster, overlay, "redis", 1);
        await Task.WhenAll(Start(cluster, overlay, "control", 1), Start(cluster, overlay, "worker", 2), Start(cluster, overlay, "gateway", 1));

        var file = Path.Combine(cluster.Folder, "modes.yaml");
        await File.WriteAllTextAsync(file, Sweep, TestContext.Current.CancellationToken);
        await Divco(cluster, "submit", file, "--id", "modes");
        var watched = await Divco(cluster, "watch", "modes", "--output", "json");
        Assert.Contains("succeeded", watched.Output.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(cluster.Folder, "divco-checkpoints", "modes", "trials")).Length);
        Assert.Equal(2, JsonSerializer.Deserialize<JsonElement>((await Divco(cluster, "devices", "--output", "json")).Output.Lines[^1]).GetProperty("devices").GetArrayLength());
    }

    /// <summary>All at once, as they come in a cluster; each has the time that its startup probe gives it.</summary>
    private static Task Start(Cluster cluster, Overlay overlay, string component, int replicas) => Task.WhenAll(Enumerable.Range(0, replicas).Select(async ordinal =>
    {
        var pod = await cluster.Pod(overlay, component, ordinal);
        var process = pod.Start();
        var container = pod.Workload.Container;
        var patience = TimeSpan.FromSeconds(container.StartupProbe.PeriodSeconds!.Value * container.StartupProbe.FailureThreshold!.Value);
        foreach (var probe in (V1Probe[])[container.StartupProbe, container.ReadinessProbe, container.LivenessProbe])
        {
            var answer = "";
            await Deadline.Until<string>(
                $"{pod.Name} to answer its probe",
                async () => process.HasExited ? throw new InvalidOperationException($"{process}") : (answer = await pod.Probe(probe)) is null ? "it did" : null,
                patience,
                () => $"{answer}; {process}",
                TimeSpan.FromMilliseconds(250));
        }
    }));

    private static async Task<DivcoProcess> Divco(Cluster cluster, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["DIVCO_SERVER"] = $"https://{cluster.GatewayAddress}:7400",
            ["DIVCO_CA"] = Path.Combine(cluster.Keys, "servers", "ca.crt"),
            ["DIVCO_TOKEN"] = cluster.Token,
        };
        var process = cluster.Start($"divco {arguments[0]}", Installation.Divco, arguments, environment);
        Assert.True(await process.Exit(Deadline.Training) == 0, $"{process}");
        return process;
    }
}
