using System.Security.Cryptography;
using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>The weights of a network that a user gives as a safetensors file: names and shapes must be the network's.</summary>
internal static class ImportedWeights
{
    private const int NamedAtMost = 5;

    /// <param name="net">What the file must hold, in words.</param>
    /// <param name="layout">Names and shapes of what it must hold.</param>
    /// <param name="needless">Names that may be in it without use.</param>
    /// <returns>The weights, which the caller disposes of, and the first 12 digits of the file's SHA-256.</returns>
    /// <exception cref="EvaluationException">The file cannot be read, or tensors are missing, unexpected or of another shape; names them.</exception>
    public static (FlatTensors Weights, string Sha256) Load(string path, string net, TensorLayout layout, Func<string, bool> needless)
    {
        var needed = layout.Tensors.ToDictionary(tensor => tensor.Name);
        IReadOnlyDictionary<string, TensorRecord> found;
        string sha256;
        try
        {
            found = ForeignSafetensors.Read(path, needed.ContainsKey);
            using var file = File.OpenRead(path);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(file))[..12];
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"the weights of {net} cannot be read: {e.Message}", e);
        }

        Check(path, net, needed, found, needless);
        var weights = new FlatTensors(layout);
        for (var i = 0; i < layout.Tensors.Count; i++)
        {
            found[layout.Tensors[i].Name].Values.Span.CopyTo(weights.ValuesOf(i));
        }

        return (weights, sha256);
    }

    private static void Check(
        string path, string net, Dictionary<string, TensorSpec> needed, IReadOnlyDictionary<string, TensorRecord> found, Func<string, bool> needless)
    {
        var missing = needed.Keys.Where(name => !found.ContainsKey(name));
        var unexpected = found.Keys.Where(name => !needed.ContainsKey(name) && !needless(name));
        var misshapen = needed.Values.Where(tensor => found.TryGetValue(tensor.Name, out var record) && !record.Shape.SequenceEqual(tensor.Shape))
            .Select(tensor => $"{tensor.Name} is [{string.Join(", ", found[tensor.Name].Shape)}] instead of [{string.Join(", ", tensor.Shape)}]");
        var faults = ((string What, IEnumerable<string> Names)[])[("missing", missing), ("unexpected", unexpected), ("of another shape", misshapen)];
        var told = faults.Select(fault => (fault.What, Names: fault.Names.Order(StringComparer.Ordinal).ToArray())).Where(fault => fault.Names.Length > 0)
            .Select(fault => $"{fault.Names.Length} {fault.What}: {string.Join(", ", fault.Names.Take(NamedAtMost))}{(fault.Names.Length > NamedAtMost ? ", ..." : "")}")
            .ToArray();
        if (told.Length > 0)
        {
            throw new EvaluationException($"{path} does not hold the weights of {net}: tensors {string.Join("; tensors ", told)}");
        }
    }
}
