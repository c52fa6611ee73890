namespace DivCo.Training.Tasks;

/// <summary>The parameters of a convolution, started as DCGAN (Radford et al., 2016) has it and with libtorch's default for biases.</summary>
internal static class Convolution
{
    private const double WeightDeviation = 0.02;

    /// <param name="shape">
    /// [out, in, k, k], or [in, out, k, k] of a transposed convolution; libtorch takes in both cases the second size and the kernel for fan-in.
    /// </param>
    public static IEnumerable<TensorSpec> Parameters(string layer, long[] shape, long outputs) =>
    [
        new($"{layer}.weight", shape, InitialValue.Normal(WeightDeviation)),
        new($"{layer}.bias", [outputs], InitialValue.Uniform(1 / Math.Sqrt(shape[1] * shape[2] * shape[3]))),
    ];
}
