using System.Diagnostics;
using System.Text.Json;

namespace DivCo.Architecture.Tests;

/// <summary>One build property chooses libtorch. The project is evaluated for both, without restoring the CUDA packages.</summary>
public sealed class TorchBackendTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

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
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "msbuild", "-nodeReuse:false", "-getItem:PackageReference", $"-p:TorchBackend={backend}", Repository.PathOf(project) },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            // A test run by dotnet test inherits the paths of that build.
            start.Environment.Remove(name);
        }

        using var msbuild = Process.Start(start)!;
        try
        {
            var errors = msbuild.StandardError.ReadToEndAsync(deadline.Token);
            var output = await msbuild.StandardOutput.ReadToEndAsync(deadline.Token);
            await msbuild.WaitForExitAsync(deadline.Token);
            Assert.True(msbuild.ExitCode == 0, $"dotnet msbuild of {project} ended with {msbuild.ExitCode}: {output} {await errors}");
            using var json = JsonDocument.Parse(output);
            return [.. json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
                .Select(item => item.GetProperty("Identity").GetString()!)];
        }
        finally
        {
            msbuild.Kill(entireProcessTree: true);
        }
    }
}
