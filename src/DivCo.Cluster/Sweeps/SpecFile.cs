using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Sweeps;

/// <summary>spec.yaml of a sweep's results: the complete spec, in the form that can be submitted again.</summary>
internal static class SpecFile
{
    public static async Task Write(string folder, SweepSpec spec)
    {
        Directory.CreateDirectory(folder);
        var next = Path.Combine(folder, "spec.yaml.next");
        await File.WriteAllTextAsync(next, SweepDocument.Write(spec));
        File.Move(next, Path.Combine(folder, "spec.yaml"), overwrite: true);
    }
}
