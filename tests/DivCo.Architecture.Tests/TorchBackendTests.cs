using System.Text.Json;

namespace DivCo.Architecture.Tests;

/// <summary>One build property chooses libtorch. The project is evaluated for both, without restoring the CUDA packages.</summary>
public sealed class TorchBackendTests
{
    [Theory]
    [InlineData("cpu", "TorchSharp", "libtorch-cpu-linux-x64")]
    [InlineData("cuda", "TorchSharp-cuda-linux")]
    public async Task It_references_exactly_the_packages_of_its_backend(string backend, params string[] expected)
    {
        var packages = await PackagesOf("src/DivCo.Training/DivCo.Training.csproj", backend);
        Assert.Equal(expected.Order(), packages.Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase)).Order());
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public async Task No_other_project_references_libtorch(string backend)
    {
        foreach (var project in (string[])["DivCo.Protocol", "DivCo.Collectives", "DivCo.Cluster", "DivCo.Cli"])
        {
            var packages = await PackagesOf($"src/{project}/{project}.csproj", backend);
            Assert.DoesNotContain(packages, name => name.Contains("torch", StringComparison.OrdinalIgnoreCase));
        }
    }

    private static async Task<string[]> PackagesOf(string project, string backend)
    {
        var (exitCode, output) = await Msbuild.Run(Repository.PathOf(project), "-getItem:PackageReference", $"-p:TorchBackend={backend}");
        Assert.True(exitCode == 0, output);
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)];
    }
}
