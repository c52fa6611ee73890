using System.Text;
using System.Text.RegularExpressions;
using DivCo.Deploy.Tests.Rendering;
using DivCo.EndToEnd.Tests.Processes;
using k8s.Models;

namespace DivCo.Deploy.Tests.Containers;

/// <summary>A pod of a rendered workload, as a process of this machine.</summary>
internal sealed partial record Pod(Cluster Cluster, Overlay Overlay, Workload Workload, int Ordinal, string Address)
{
    public string Name => Workload.PodName(Ordinal);

    private string Root => Path.Combine(Cluster.Folder, Name);

    private V1Container Container => Workload.Container;

    /// <summary>Where a file of the container is on this machine.</summary>
    public string PathOf(string file) => Here(file);

    /// <summary>Makes a folder of every volume, with the files that Kubernetes would lay into it.</summary>
    public async Task Mount(IReadOnlyDictionary<string, IDictionary<string, byte[]>> secrets)
    {
        foreach (var mount in Container.VolumeMounts)
        {
            Directory.CreateDirectory(FolderOf(mount));
            foreach (var (path, content) in Files(Workload.Pod.Volumes.SingleOrDefault(volume => volume.Name == mount.Name), secrets))
            {
                await File.WriteAllBytesAsync(Path.Combine(FolderOf(mount), path), content);
            }
        }
    }

    /// <summary>Starts the container's command, with arguments after its own.</summary>
    public DivcoProcess Start(params string[] more) => Cluster.Start(
        Name, Here(Container.Command[0]), [.. Container.Command.Skip(1).Concat(Container.Args).Select(Expand).Select(Here), .. more],
        Environment().ToDictionary(variable => variable.Key, variable => Here(variable.Value)));

    /// <summary>Runs the command of an exec probe, or asks for the path of an HTTP one.</summary>
    /// <returns>Null where the probe succeeds; else what was answered.</returns>
    public async Task<string?> Probe(V1Probe probe)
    {
        try
        {
            if (probe.Exec is { } exec)
            {
                await Tool.Run(exec.Command[0], exec.Command.Skip(1).Select(Here));
                return null;
            }

            using var client = new HttpClient();
            using var answer = await client.GetAsync($"http://{Address}:{Workload.PortOf(probe.HttpGet.Port.Value)}{probe.HttpGet.Path}", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode ? null : $"{answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    /// <summary>What the container finds in its environment, besides the system's.</summary>
    private Dictionary<string, string> Environment()
    {
        Dictionary<string, string> known = [];
        foreach (var variable in Container.Env)
        {
            known[variable.Name] = variable.ValueFrom?.FieldRef.FieldPath switch
            {
                null => Expand(variable.Value, known),
                "status.podIP" => Address,
                "metadata.name" => Name,
                var path => throw new NotSupportedException($"{path} is no field that a pod here has"),
            };
        }

        return known;
    }

    private string Expand(string text) => Expand(text, Environment());

    /// <summary>As the kubelet does: only what stands further up is known, and what is not known stays as it is.</summary>
    private static string Expand(string text, Dictionary<string, string> known) =>
        Reference().Replace(text, reference => known.GetValueOrDefault(reference.Groups[1].Value, reference.Value));

    /// <summary>Paths of mounts become folders, names of Services become addresses.</summary>
    private string Here(string text)
    {
        // All in one pass: what was put in is not looked at again.
        var paths = Container.VolumeMounts.ToDictionary(mount => mount.MountPath, FolderOf);
        paths["/app/divco-server"] = Installation.Server;
        paths["divco-redis"] = paths["divco-redis-0"] = Cluster.AddressOf("redis");
        var pattern = $"(?<![A-Za-z0-9_.-])({string.Join('|', paths.Keys.OrderByDescending(path => path.Length).Select(Regex.Escape))})(?![A-Za-z0-9_.-])";
        return Regex.Replace(text, pattern, path => paths[path.Value]);
    }

    /// <summary>A claim of all is one folder for all.</summary>
    private string FolderOf(V1VolumeMount mount) =>
        Workload.Pod.Volumes.SingleOrDefault(volume => volume.Name == mount.Name)?.PersistentVolumeClaim is { } claim
            ? Path.Combine(Cluster.Folder, claim.ClaimName)
            : Path.Combine(Root, mount.MountPath.TrimStart('/'));

    private IEnumerable<(string Path, byte[] Content)> Files(V1Volume? volume, IReadOnlyDictionary<string, IDictionary<string, byte[]>> secrets)
    {
        if (volume?.ConfigMap is { } map)
        {
            return Overlay.Of<V1ConfigMap>().Single(it => it.Metadata.Name == map.Name).Data.Select(file => (file.Key, Encoding.UTF8.GetBytes(Here(file.Value))));
        }

        return volume?.Secret is { } secret
            ? secret.Items.Select(item => (item.Path, secrets[secret.SecretName][item.Key]))
            : (volume?.Projected?.Sources ?? []).SelectMany(source => source.Secret.Items.Select(item => (item.Path, secrets[source.Secret.Name][item.Key])));
    }

    [GeneratedRegex(@"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")]
    private static partial Regex Reference();
}
