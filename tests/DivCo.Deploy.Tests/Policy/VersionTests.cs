using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>Images and their versions stand in one place, and are those of this source.</summary>
public sealed class VersionTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_image_has_a_version_and_ours_is_the_source_s(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.All(overlay.Workloads, workload =>
        {
            var tag = workload.Container.Image.Split(':') is [_, var given] ? given : null;
            Assert.Matches("^[0-9]+[.][0-9]+[.][0-9]+", tag);
            Assert.True(!workload.IsServer || tag == Source.Version, workload.Container.Image);
        });
    }

    [Fact]
    public void No_file_but_the_base_s_kustomization_names_a_version_of_an_image()
    {
        var folder = Source.PathOf("deploy/kubernetes");
        var naming = Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories)
            .Where(file => File.ReadLines(file).Any(line => line.TrimStart().StartsWith("newTag:", StringComparison.Ordinal)
                || (line.TrimStart().StartsWith("image:", StringComparison.Ordinal) && line.Count(c => c == ':') > 1)))
            .Select(file => Path.GetRelativePath(folder, file));
        Assert.Equal(["base/kustomization.yaml"], naming);
    }
}
