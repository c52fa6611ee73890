using DivCo.Training.Latents;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>
/// What tensors start with. A value depends on the trial's seed, the tensor's name and the element alone, so that a network may gain a
/// layer and the others start as before.
/// </summary>
internal static class InitialWeights
{
    /// <summary>Tensors as they start.</summary>
    /// <param name="type">float32 in training; float64 has the same values, for checks of arithmetic.</param>
    public static FlatTensors Start(TensorLayout layout, ulong seed, ScalarType type)
    {
        var tensors = new FlatTensors(layout);
        Draw(tensors, seed);
        if (type == float32)
        {
            return tensors;
        }

        using (tensors)
        {
            var converted = new FlatTensors(layout, type);
            converted.Buffer.copy_(tensors.Buffer);
            return converted;
        }
    }

    public static void Draw(FlatTensors tensors, ulong seed)
    {
        var stream = new PhiloxStream(seed, StreamPurpose.InitialWeight);
        for (var i = 0; i < tensors.Layout.Tensors.Count; i++)
        {
            Draw(tensors.Layout.Tensors[i], stream, tensors.ValuesOf(i));
        }
    }

    private static void Draw(TensorSpec tensor, PhiloxStream stream, Span<float> values)
    {
        var (distribution, parameter) = tensor.Initial;
        if (distribution == InitialDistribution.Constant)
        {
            values.Fill((float)parameter);
            return;
        }

        var uniforms = new double[values.Length];
        stream.Uniforms(0, NumberOf(tensor.Name), 0, uniforms);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(parameter * (distribution == InitialDistribution.Normal
                ? NormalDistribution.Quantile(uniforms[i])
                : (2 * uniforms[i]) - 1));
        }
    }

    // FNV-1a: a name's place in the stream.
    private static uint NumberOf(string name) => name.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));
}
