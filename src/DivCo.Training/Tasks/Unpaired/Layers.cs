using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The layers that DRIT (Lee et al., ECCV 2018) is made of, on named parameters. Convolutions pad by reflection, and norms come after them.</summary>
internal static class Layers
{
    private const double Epsilon = 1e-5;

    /// <summary>Of discriminators and of the content encoder's first layer; other leaky ReLUs of DRIT have 0.2.</summary>
    public static readonly Scalar SmallSlope = 0.01.ToScalar();

    public static readonly Scalar Slope = 0.2.ToScalar();

    public static readonly Scalar One = 1.ToScalar();

    public static Tensor Convolve(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x, int stride, int reflect)
    {
        var padded = reflect == 0 ? x : functional.pad(x, [reflect, reflect, reflect, reflect], PaddingModes.Reflect);
        return functional.conv2d(padded, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], [stride, stride]);
    }

    /// <summary>A transposed convolution with kernel 3 that doubles the size.</summary>
    public static Tensor Double(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x) =>
        functional.conv_transpose2d(x, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], [2, 2], [1, 1], [1, 1]);

    /// <summary>Each map of each image by its mean and biased variance; no parameters.</summary>
    public static Tensor InstanceNorm(Tensor x) => functional.instance_norm(x, null, null, null, null, true, 0, Epsilon);

    /// <summary>Each image by the mean and biased variance of all its maps, then a factor and a summand for each channel.</summary>
    public static Tensor LayerNorm(IReadOnlyDictionary<string, Tensor> parameters, string layer, Tensor x)
    {
        var normalised = functional.layer_norm(x, x.shape[1..], null, null, Epsilon);
        return (normalised * parameters[$"{layer}.weight"].view(1, -1, 1, 1)).add(parameters[$"{layer}.bias"].view(1, -1, 1, 1), One);
    }

    /// <summary>x plus two 3 x 3 convolutions of it, each with instance norm, a ReLU between; none after the sum.</summary>
    public static Tensor Residual(IReadOnlyDictionary<string, Tensor> parameters, string block, Tensor x)
    {
        var inner = InstanceNorm(Convolve(parameters, $"{block}.layer1", x, 1, 1)).relu();
        return x.add(InstanceNorm(Convolve(parameters, $"{block}.layer2", inner, 1, 1)), One);
    }

    /// <summary>Half the size by means over 3 x 3, of which what lies outside the image is no part.</summary>
    public static Tensor HalveByMeans(Tensor x) => functional.avg_pool2d(x, 3, 2, 1, count_include_pad: false);

    public static IEnumerable<TensorSpec> ResidualParameters(string block, long channels) =>
        from layer in (int[])[1, 2]
        from tensor in Convolution.Parameters($"{block}.layer{layer}", [channels, channels, 3, 3], channels)
        select tensor;

    public static IEnumerable<TensorSpec> LayerNormParameters(string layer, long channels) =>
        [new($"{layer}.weight", [channels], InitialValue.Constant(1)), new($"{layer}.bias", [channels], InitialValue.Constant(0))];

    /// <summary>A linear layer, with libtorch's default start.</summary>
    public static IEnumerable<TensorSpec> LinearParameters(string layer, long inputs, long outputs)
    {
        var bound = InitialValue.Uniform(1 / Math.Sqrt(inputs));
        return [new($"{layer}.weight", [outputs, inputs], bound), new($"{layer}.bias", [outputs], bound)];
    }
}
