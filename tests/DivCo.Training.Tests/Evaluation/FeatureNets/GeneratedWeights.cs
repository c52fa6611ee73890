using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

/// <summary>Weights of a network as chance has them, in a file as another product would write it.</summary>
internal static class GeneratedWeights
{
    public static List<TensorRecord> Of(TensorLayout layout) =>
    [
        .. layout.Tensors.Select((tensor, i) =>
        {
            var values = RandomRows.Of(1, tensor.Length, seed: i).Values.ToArray();
            var scale = tensor.Shape.Length == 4 ? (float)Math.Sqrt(6.0 * tensor.Shape[0] / tensor.Length) : 0.3f;
            return new TensorRecord(tensor.Name, tensor.Shape, values.Select(value => tensor.Name.EndsWith("running_var", StringComparison.Ordinal)
                || tensor.Name.EndsWith("bn.weight", StringComparison.Ordinal) || tensor.Name.StartsWith("lin", StringComparison.Ordinal)
                ? 1 + (0.5f * value)
                : scale * value).ToArray());
        }),
    ];

    public static string Write(string path, IReadOnlyList<TensorRecord> tensors)
    {
        using var file = File.Create(path);
        Safetensors.Write(file, tensors);
        return path;
    }
}
