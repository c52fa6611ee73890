using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>An overlay as kubectl renders it, and as typed objects.</summary>
internal sealed class Overlay
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Overlay>>> _rendered = [];

    private Overlay(string yaml)
    {
        Yaml = yaml;

        // Strict: a field that the type does not have is an error, and so is one that stands there twice.
        Objects = [.. KubernetesYaml.LoadAllFromString(yaml, CustomResources.Types, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()];
        Workloads =
        [
            .. Of<V1Deployment>().Select(it => new Workload(it, it.Spec.Selector, it.Spec.Template, it.Spec.Replicas ?? 1)),
            .. Of<V1StatefulSet>().Select(it => new Workload(it, it.Spec.Selector, it.Spec.Template, it.Spec.Replicas ?? 1)),
        ];
    }

    /// <summary>All overlays, and the local one with monitoring.</summary>
    public static TheoryData<string> All => ["local", "gpu", "kueue", "local+monitoring"];

    public string Yaml { get; }

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    public IReadOnlyList<Workload> Workloads { get; }

    public IEnumerable<T> Of<T>() => Objects.OfType<T>();

    public Workload Workload(string component) => Workloads.Single(workload => workload.Component == component);

    /// <param name="name">Of an overlay; with a plus sign and the name of a component after it.</param>
    public static async Task<Overlay> Render(string name)
    {
        await Kubectl.MustBeThere();
        return await _rendered.GetOrAdd(name, _ => new Lazy<Task<Overlay>>(() => RenderNow(name))).Value;
    }

    private static async Task<Overlay> RenderNow(string name)
    {
        if (name.Split('+') is not [var overlay, var component])
        {
            return new Overlay(await Kubectl.Kustomize(Source.PathOf($"deploy/kubernetes/overlays/{name}")));
        }

        // As an operator adds it: a kustomization of their own, beside the repository.
        var folder = Directory.CreateTempSubdirectory("divco-overlay-").FullName;
        try
        {
            string Relative(string path) => Path.GetRelativePath(folder, Source.PathOf($"deploy/kubernetes/{path}"));
            await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), $"resources: [{Relative($"overlays/{overlay}")}]\ncomponents: [{Relative($"components/{component}")}]\n");
            return new Overlay(await Kubectl.Kustomize(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
