using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// What the networks of BicycleGAN (Zhu et al., NeurIPS 2017) are made of: convolutions that start xavier-normal with gain 0.02 and biases 0,
/// LeakyReLU of slope 0.2, instance norm without parameters of its own, average pooling.
/// </summary>
internal static class Layers
{
    private const double Gain = 0.02;
    private const double Epsilon = 1e-5;
    private static readonly Scalar Slope = 0.2.ToScalar();
    private static readonly Scalar One = 1.ToScalar();

    /// <param name="shape">[out, in, k, k], [in, out, k, k] of a transposed convolution, or [out, in]: fan-in plus fan-out is the same both ways.</param>
    public static IEnumerable<TensorSpec> Parameters(string layer, long[] shape, long outputs) =>
    [
        new($"{layer}.weight", shape, InitialValue.Normal(Gain * Math.Sqrt(2.0 / ((shape[0] + shape[1]) * shape.Skip(2).Aggregate(1L, (area, side) => area * side))))),
        new($"{layer}.bias", [outputs], InitialValue.Constant(0)),
    ];

    /// <summary>A convolution whose padding keeps or, with a 4 x 4 kernel and stride 2, halves the size; a 4 x 4 kernel of stride 1 takes one pixel.</summary>
    public static Tensor Convolve(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x, int stride = 1, int padding = 1) =>
        functional.conv2d(x, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], [stride, stride], [padding, padding]);

    /// <summary>A transposed convolution, 4 x 4, that doubles the size.</summary>
    public static Tensor Enlarge(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x) =>
        functional.conv_transpose2d(x, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], [2, 2], [1, 1]);

    public static Tensor Add(Tensor x, Tensor y) => x.add(y, One);

    public static Tensor Leaky(Tensor x) => x.leaky_relu(Slope);

    /// <summary>Each map of each row to mean 0 and biased variance 1, in training and in evaluation.</summary>
    public static Tensor Normalize(Tensor x) => functional.instance_norm(x, null, null, null, null, true, 0, Epsilon);

    /// <summary>Half the size: means of 3 x 3 pixels around every second one, of those that lie within the image.</summary>
    public static Tensor Blur(Tensor x) => functional.avg_pool2d(x, [3, 3], [2, 2], [1, 1], false, false);

    /// <summary>Means of squares of that side.</summary>
    public static Tensor Pool(Tensor x, long side) => functional.avg_pool2d(x, [side, side], [side, side]);
}
