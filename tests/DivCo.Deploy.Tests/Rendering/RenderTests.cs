using k8s.Models;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>Every overlay renders, and every object is what its type and its schema say.</summary>
public sealed class RenderTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task An_overlay_renders_and_loads_strictly(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.Equal(["control", "gateway", "redis", "worker"], overlay.Workloads.Select(workload => workload.Component).Order());
        Assert.Equal("divco", Assert.Single(overlay.Of<V1Namespace>()).Metadata.Name);
        Assert.All(overlay.Objects, it => Assert.Equal(it is V1Namespace or V1PriorityClass ? null : "divco", it.Metadata.NamespaceProperty));
        Assert.Equal(overlay.Objects.Count, overlay.Objects.Select(it => (it.Kind, it.Metadata.Name)).Distinct().Count());
    }

    [Fact]
    public async Task Loading_strictly_finds_a_field_that_is_not_there()
    {
        var overlay = await Overlay.Render("local");
        var misspelt = overlay.Yaml.Replace("readOnlyRootFilesystem:", "readonlyRootFilesystem:", StringComparison.Ordinal);
        Assert.NotEqual(overlay.Yaml, misspelt);
        Assert.ThrowsAny<Exception>(() => k8s.KubernetesYaml.LoadAllFromString(misspelt, CustomResources.Types, strict: true));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_object_is_as_its_schema_says(string name)
    {
        var overlay = await Overlay.Render(name);
        var said = await Schema.Check(overlay.Yaml);
        Assert.Equal($"{overlay.Objects.Count} objects are as their schemas say", said.Trim());
    }

    [Fact]
    public async Task The_schemas_find_what_is_wrong()
    {
        var overlay = await Overlay.Render("local");
        var wrong = overlay.Yaml.Replace("replicas: 1", "replicas: one", StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Schema.Check(wrong));
        Assert.Contains("data/spec/replicas must be integer", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever is alpha or beta may be gone from the next API server.</summary>
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task No_version_of_an_API_is_one_that_goes(string name)
    {
        var overlay = await Overlay.Render(name);
        string[] versions = ["v1", "apps/v1", "networking.k8s.io/v1", "policy/v1", "scheduling.k8s.io/v1", "monitoring.coreos.com/v1"];
        Assert.All(overlay.Objects, it => Assert.Contains(it.ApiVersion, versions));
    }
}
