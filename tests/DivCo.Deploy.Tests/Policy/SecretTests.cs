using DivCo.Deploy.Tests.Containers;
using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>What the manifests ask of Secrets is what deploy/kubernetes/secrets makes, and nothing secret is in the manifests.</summary>
public sealed class SecretTests(Cluster cluster) : IClassFixture<Cluster>
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_key_that_is_asked_for_is_made(string name)
    {
        var overlay = await Overlay.Render(name);
        var made = (await cluster.Secrets()).SelectMany(secret => secret.Value.Keys.Select(key => $"{secret.Key}: {key}")).Order();
        var asked = overlay.Workloads.SelectMany(workload => workload.Pod.Volumes).SelectMany(Asked).Distinct().Order();
        Assert.Equal(made, asked);
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task No_secret_is_among_the_manifests_nor_in_an_environment(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.Empty(overlay.Of<V1Secret>());
        Assert.All(overlay.Workloads, workload =>
        {
            Assert.Null(workload.Container.EnvFrom);
            Assert.All(workload.Container.Env, variable => Assert.Null(variable.ValueFrom?.SecretKeyRef));
        });
    }

    private static IEnumerable<string> Asked(V1Volume volume)
    {
        var plain = volume.Secret is { } secret ? secret.Items.Select(item => $"{secret.SecretName}: {item.Key}") : [];
        var projected = (volume.Projected?.Sources ?? []).SelectMany(source => source.Secret.Items.Select(item => $"{source.Secret.Name}: {item.Key}"));
        return plain.Concat(projected);
    }
}
