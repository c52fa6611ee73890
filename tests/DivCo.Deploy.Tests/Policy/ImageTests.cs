using System.Text.RegularExpressions;
using DivCo.Deploy.Tests.Rendering;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>The Dockerfile makes what the manifests start, of what is in the repository. (No engine builds it here.)</summary>
public sealed partial class ImageTests
{
    private static readonly string[] _lines = Source.Read("deploy/docker/Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');

    [Fact]
    public async Task It_starts_what_the_manifests_start_as_the_user_they_name()
    {
        var overlay = await Overlay.Render("local");
        Assert.All(overlay.Workloads.Where(workload => workload.IsServer), workload =>
        {
            Assert.Contains($"ENTRYPOINT [\"{Assert.Single(workload.Container.Command)}\"]", _lines);
            Assert.Contains($"USER {workload.Pod.SecurityContext.RunAsUser}:{workload.Pod.SecurityContext.RunAsGroup}", _lines);
        });
        var exposed = overlay.Workloads.Where(workload => workload.IsServer).SelectMany(workload => workload.Container.Ports).Select(port => port.ContainerPort).Distinct().Order();
        Assert.Contains($"EXPOSE {string.Join(' ', exposed)}", _lines);
    }

    /// <summary>Of the framework that these tests run on, whose libraries' versions go with it.</summary>
    [Fact]
    public void Its_bases_are_pinned()
    {
        Assert.Contains(_lines, line => line == $"ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:{Environment.Version}-noble");
        Assert.Matches($@"^ARG SDK=mcr\.microsoft\.com/dotnet/sdk:{Environment.Version.Major}\.0\.[0-9]{{3}}-noble$", _lines.Single(line => line.StartsWith("ARG SDK=", StringComparison.Ordinal)));
        Assert.Equal(["${SDK}", "${RUNTIME}"], _lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
        Assert.Contains(_lines, line => line.Contains("-p:TorchBackend=${TORCH_BACKEND}", StringComparison.Ordinal));
        Assert.Contains($"docker build -f deploy/docker/Dockerfile -t divco-cluster:{Source.Version} .", Source.Read("deploy/docker/Dockerfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_copies_is_there_and_not_ignored()
    {
        var copied = _lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]).ToList();
        Assert.All(copied, path => Assert.True(File.Exists(Source.PathOf(path)) || Directory.Exists(Source.PathOf(path)), path));
        var kept = Source.Read("deploy/docker/Dockerfile.dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        Assert.All(copied, path => Assert.Contains(kept, line => line == path || (line.EndsWith('*') && path.StartsWith(line[..^1], StringComparison.Ordinal))));
    }

    /// <summary>The layer apart is most of the image, and nothing of ours is in it.</summary>
    [Fact]
    public void The_layer_of_libtorch_holds_its_natives()
    {
        var pattern = Natives().Match(string.Join('\n', _lines));
        var files = new DirectoryInfo(Source.PathOf("artifacts/divco")).GetFiles();
        var excluded = pattern.Groups["not"].Captures.Select(name => name.Value).ToList();
        var apart = files.Where(file => Regex.IsMatch(file.Name, "^lib.*[.]so") && !excluded.Contains(file.Name)).ToList();
        Assert.Contains(apart, file => file.Name == "libtorch_cpu.so");
        Assert.DoesNotContain(apart, file => file.Name.Contains("Sharp", StringComparison.Ordinal));
        Assert.True(apart.Sum(file => file.Length) > 0.8 * files.Sum(file => file.Length));
    }

    [GeneratedRegex(@"-name 'lib\*\.so\*'(?: ! -name (?<not>\S+))+")]
    private static partial Regex Natives();
}
