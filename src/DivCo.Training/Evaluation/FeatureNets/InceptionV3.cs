using DivCo.Training.Tasks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// InceptionV3 as the field's Frechet distance uses it: 2,048 features, the mean over positions of the last block, from a safetensors file with
/// torchvision's names, such as the port of TensorFlow's weights that pytorch-fid publishes (pt_inception-2015-12-05).
/// </summary>
internal sealed class InceptionV3 : IFeatureNet
{
    private const double Epsilon = 1e-3;
    private const int Side = 299;

    private readonly FlatTensors _weights;
    private readonly int _side;

    /// <param name="side">Images are scaled to it, bilinearly; 299, for which the weights were made, or at least 75.</param>
    /// <exception cref="EvaluationException">The file does not hold these weights.</exception>
    public InceptionV3(string path, int side = Side)
    {
        (_weights, var sha256) = ImportedWeights.Load(path, "InceptionV3", Layout, IsNeedless);
        (Name, _side) = ($"InceptionV3 (file {sha256})", side);
    }

    public static TensorLayout Layout { get; } = new(AllParameters());

    public string Name { get; }

    public int Length => 2048;

    public Tensor Features(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var x = images.expand(images.shape[0], 3, images.shape[2], images.shape[3]);
        x = functional.interpolate(x, [_side, _side], mode: InterpolationMode.Bilinear, align_corners: false);
        foreach (var (name, piece) in InceptionBlocks.All)
        {
            x = Apply(piece, name, x);
        }

        return functional.adaptive_avg_pool2d(x, 1).flatten(1).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();

    private Tensor Apply(InceptionPiece piece, string block, Tensor x) => piece switch
    {
        ConvolutionPiece layer => Convolve(layer, PathOf(block, layer), x),
        MaximumPiece pool => functional.max_pool2d(x, 3, pool.Stride, pool.Padding),
        MeanPiece => functional.avg_pool2d(x, 3, 1, 1, ceil_mode: false, count_include_pad: false),
        ChainPiece chain => chain.Pieces.Aggregate(x, (inner, next) => Apply(next, block, inner)),
        BranchesPiece branches => cat([.. branches.Branches.Select(branch => Apply(branch, block, x))], 1),
        _ => throw new ArgumentException($"{piece} is no piece of an Inception network", nameof(piece)),
    };

    private Tensor Convolve(ConvolutionPiece layer, string path, Tensor x)
    {
        var weights = _weights.Constants;
        x = functional.conv2d(
            x, weights[$"{path}.conv.weight"], null, [layer.Stride, layer.Stride], [layer.Padding.Height, layer.Padding.Width]);
        return functional.batch_norm(
            x, weights[$"{path}.bn.running_mean"], weights[$"{path}.bn.running_var"], weights[$"{path}.bn.weight"], weights[$"{path}.bn.bias"], false, 0, Epsilon).relu();
    }

    private static string PathOf(string block, ConvolutionPiece layer) => layer.Name.Length == 0 ? block : $"{block}.{layer.Name}";

    private static List<TensorSpec> AllParameters()
    {
        var parameters = new List<TensorSpec>();
        _ = InceptionBlocks.All.Aggregate(3, (inputs, block) => AddParameters(block.Piece, block.Name, inputs, parameters));
        return parameters;
    }

    /// <summary>Adds the tensors of a piece with so many input channels.</summary>
    /// <returns>Its output channels.</returns>
    private static int AddParameters(InceptionPiece piece, string block, int inputs, List<TensorSpec> parameters)
    {
        switch (piece)
        {
            case ConvolutionPiece layer:
                var path = PathOf(block, layer);
                parameters.Add(new($"{path}.conv.weight", [layer.Outputs, inputs, layer.Kernel.Height, layer.Kernel.Width], InitialValue.Constant(0)));
                parameters.AddRange(((string[])["weight", "bias", "running_mean", "running_var"])
                    .Select(name => new TensorSpec($"{path}.bn.{name}", [layer.Outputs], InitialValue.Constant(0))));
                return layer.Outputs;
            case ChainPiece chain:
                return chain.Pieces.Aggregate(inputs, (channels, next) => AddParameters(next, block, channels, parameters));
            case BranchesPiece branches:
                return branches.Branches.Sum(branch => AddParameters(branch, block, inputs, parameters));
            default:
                return inputs;
        }
    }

    /// <summary>The classification layers behind the features, and the counters of batch norm.</summary>
    private static bool IsNeedless(string name) =>
        name is "fc.weight" or "fc.bias"
        || name.StartsWith("AuxLogits.", StringComparison.Ordinal)
        || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}
