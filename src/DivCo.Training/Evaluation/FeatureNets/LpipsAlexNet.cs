using DivCo.Training.Tasks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// AlexNet with the learnt weights of LPIPS, version 0.1 (Zhang et al., CVPR 2018), from a safetensors file with the names of the published package:
/// <c>save_file({k: v for k, v in lpips.LPIPS(net="alex").state_dict().items() if not k.startswith("lins.")}, path)</c>.
/// </summary>
internal sealed class LpipsAlexNet : IPerceptualNet
{
    // Outputs, inputs, kernel, stride, padding; before all but the first and the last two stands a maximum over 3 x 3 with stride 2.
    private static readonly (string Name, int Out, int In, int Kernel, int Stride, int Padding, bool Pooled)[] _convolutions =
    [
        ("net.slice1.0", 64, 3, 11, 4, 2, false),
        ("net.slice2.3", 192, 64, 5, 1, 2, true),
        ("net.slice3.6", 384, 192, 3, 1, 1, true),
        ("net.slice4.8", 256, 384, 3, 1, 1, false),
        ("net.slice5.10", 256, 256, 3, 1, 1, false),
    ];

    // Of ImageNet's colours in [-1, 1].
    private static readonly float[] _shift = [-0.030f, -0.088f, -0.188f];
    private static readonly float[] _scale = [0.458f, 0.448f, 0.450f];

    private readonly FlatTensors _weights;
    private readonly Tensor _shiftPlanes;
    private readonly Tensor _scalePlanes;

    /// <exception cref="EvaluationException">The file does not hold these weights.</exception>
    public LpipsAlexNet(string path)
    {
        (_weights, var sha256) = ImportedWeights.Load(path, "LPIPS with AlexNet", Layout, IsNeedless);
        Name = $"LPIPS 0.1 with AlexNet (file {sha256})";
        _shiftPlanes = TensorMemory.Float32(_shift, 1, 3, 1, 1).DetachFromDisposeScope();
        _scalePlanes = TensorMemory.Float32(_scale, 1, 3, 1, 1).DetachFromDisposeScope();
        Weights = [.. _convolutions.Select((_, layer) => _weights.Constants[Linear(layer)].flatten().DetachFromDisposeScope())];
    }

    public static TensorLayout Layout { get; } = new(_convolutions.SelectMany((layer, i) => (IEnumerable<TensorSpec>)
    [
        new($"{layer.Name}.weight", [layer.Out, layer.In, layer.Kernel, layer.Kernel], InitialValue.Constant(0)),
        new($"{layer.Name}.bias", [layer.Out], InitialValue.Constant(0)),
        new(Linear(i), [1, layer.Out, 1, 1], InitialValue.Constant(0)),
    ]));

    public string Name { get; }

    public IReadOnlyList<Tensor> Weights { get; }

    public IReadOnlyList<Tensor> Layers(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var x = (images.expand(images.shape[0], 3, images.shape[2], images.shape[3]) - _shiftPlanes).div(_scalePlanes);
        var layers = new List<Tensor>();
        foreach (var (name, _, _, _, stride, padding, pooled) in _convolutions)
        {
            x = pooled ? functional.max_pool2d(x, 3, 2) : x;
            x = functional.conv2d(x, _weights.Constants[$"{name}.weight"], _weights.Constants[$"{name}.bias"], [stride, stride], [padding, padding]).relu();
            layers.Add(x);
        }

        return [.. layers.Select(layer => layer.MoveToOuterDisposeScope())];
    }

    public void Dispose()
    {
        foreach (var tensor in Weights.Append(_shiftPlanes).Append(_scalePlanes))
        {
            tensor.Dispose();
        }

        _weights.Dispose();
    }

    private static string Linear(int layer) => $"lin{layer}.model.1.weight";

    private static bool IsNeedless(string name) =>
        name.StartsWith("lins.", StringComparison.Ordinal) || name.StartsWith("scaling_layer.", StringComparison.Ordinal);
}
