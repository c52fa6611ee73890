using System.Text.Json;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Export;

/// <summary>
/// A checkpoint as PyTorch users load models: a safetensors file for each network, whose names are those of a <c>state_dict</c>; the generator as a
/// module in Python, where the task has one; and a note on how to load them. Values, shapes and order of elements are those of the checkpoint:
/// libtorch lies under both.
/// </summary>
public static class PyTorchExport
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Writes into an existing folder.</summary>
    /// <exception cref="CheckpointException">The checkpoint has no generator, or one of another task.</exception>
    /// <returns>Names of the files written.</returns>
    public static IReadOnlyList<string> Write(TrainingConfig config, TrainingSnapshot snapshot, string folder)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(snapshot);
        var written = new List<string>();
        foreach (var network in StateDicts(snapshot.Weights).OrderBy(network => network.Key, StringComparer.Ordinal))
        {
            using var file = File.Create(Path.Combine(folder, Added($"{network.Key}.safetensors")));
            Safetensors.Write(file, network.Value);
        }

        var facts = new
        {
            config.Task,
            snapshot.Step,
            Norm = config.Model.Norm.ToString().ToLowerInvariant(),
            config.Model.ImageSize,
            config.Model.Channels,
            config.Model.LatentDim,
            Classes = ClassesOf(config, snapshot),
        };
        File.WriteAllText(Path.Combine(folder, Added("model.json")), JsonSerializer.Serialize(facts, _json) + "\n");
        if (PythonOf(config.Task) is { } python)
        {
            File.WriteAllText(Path.Combine(folder, Added("generator.py")), python);
        }

        File.WriteAllText(Path.Combine(folder, Added("README.md")), LoadingNote.Of(config, written));
        return written;

        string Added(string name)
        {
            written.Add(name);
            return name;
        }
    }

    /// <summary>The first layer takes latent and class side by side; null where the task has no classes.</summary>
    private static int? ClassesOf(TrainingConfig config, TrainingSnapshot snapshot)
    {
        const string first = "generator.layer1.weight";
        return config.Task != "class_conditional" ? null
            : snapshot.Weights.FirstOrDefault(tensor => tensor.Name == first) is { Shape: [var inputs, ..] } && inputs > config.Model.LatentDim ? (int)inputs - config.Model.LatentDim
            : throw new CheckpointException(CheckpointFault.Foreign, first, $"the checkpoint has no such tensor of more than {config.Model.LatentDim} inputs: it is not of a class_conditional task");
    }

    /// <summary>
    /// Tensors by network, the first part of their names. Layers of a stack hold a convolution and, most of them, a norm, so
    /// <c>layer1.weight</c> beside <c>layer1.norm.weight</c> is <c>layer1.conv.weight</c>, as a module has it that holds both.
    /// </summary>
    internal static Dictionary<string, List<TensorRecord>> StateDicts(IReadOnlyList<TensorRecord> weights) => weights
        .GroupBy(tensor => tensor.Name.Split('.')[0])
        .ToDictionary(network => network.Key, network => network.Select(tensor => tensor with { Name = NameOf(tensor.Name[(network.Key.Length + 1)..]) }).ToList());

    private static string NameOf(string name) => name.Split('.') is [var layer, var parameter] && layer.StartsWith("layer", StringComparison.Ordinal)
        ? $"{layer}.conv.{parameter}"
        : name;

    private static string? PythonOf(string task)
    {
        using var resource = typeof(PyTorchExport).Assembly.GetManifestResourceStream($"{task}.py");
        if (resource is null)
        {
            return null;
        }

        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
