using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tasks;

/// <summary>
/// The normalisation layers of a network in one call. Batch norm is functional: in training it writes the call's mean and unbiased
/// variance to <paramref name="statistics"/> (momentum 1) and keeps no state, because running statistics change at a commit alone.
/// </summary>
/// <param name="statistics">
/// Named LAYER.running_mean and LAYER.running_var; written in training, read in evaluation; null where the norm keeps none.
/// </param>
internal sealed class NormLayers(Norm norm, FlatTensors? statistics, bool training)
{
    private const double Epsilon = 1e-5;

    /// <summary>The parameters that a layer adds to its network.</summary>
    public static IEnumerable<TensorSpec> Parameters(Norm norm, string layer, long channels) => norm == Norm.None
        ? []
        : [new($"{layer}.weight", [channels], InitialValue.Constant(1)), new($"{layer}.bias", [channels], InitialValue.Constant(0))];

    /// <summary>The running statistics that a layer keeps.</summary>
    public static IEnumerable<TensorSpec> Statistics(Norm norm, string layer, long channels) => norm != Norm.Batch
        ? []
        : [new($"{layer}.running_mean", [channels], InitialValue.Constant(0)), new($"{layer}.running_var", [channels], InitialValue.Constant(1))];

    public Tensor Apply(string layer, IReadOnlyDictionary<string, Tensor> parameters, Tensor x) => norm switch
    {
        Norm.None => x,
        Norm.Instance => functional.instance_norm(x, null, null, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], true, 0, Epsilon),
        Norm.Batch => functional.batch_norm(
            x,
            statistics!.Constants[$"{layer}.running_mean"],
            statistics.Constants[$"{layer}.running_var"],
            parameters[$"{layer}.weight"],
            parameters[$"{layer}.bias"],
            training,
            momentum: 1,
            Epsilon),
        _ => throw new ArgumentOutOfRangeException(nameof(x), norm, "not a norm"),
    };
}
