using DivCo.Training.Latents;
using DivCo.Training.Tasks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>Trains a classifier from a seed; the same bits each time on one class of hardware.</summary>
internal static class ClassifierTraining
{
    private const int BatchSize = 64;
    private const int Samples = 150_000;
    private const int MaxPasses = 20;
    private const int TestRows = 200;

    private static readonly OptimizerConfig _optimizer = new() { LearningRate = 2e-3, Beta1 = 0.9, Beta2 = 0.999, WeightDecay = 0 };

    /// <summary>What decides the weights, besides data and seed; to be changed whenever they do.</summary>
    public const string Version = "1";

    /// <param name="parameters">Of the network; filled.</param>
    public static void Run(ClassifierNetwork network, FlatTensors parameters, ClassifierData data, ulong seed, CancellationToken abort)
    {
        InitialWeights.Draw(parameters, seed);
        using var adam = new Adam(_optimizer, parameters);
        var order = new PhiloxStream(seed, StreamPurpose.ClassifierOrder);
        var batch = Math.Min(BatchSize, data.Count);
        var perPass = data.Count / batch;
        var steps = Math.Min(Samples / batch, MaxPasses * perPass);
        int[] pass = [];
        for (var step = 0; step < steps; step++)
        {
            abort.ThrowIfCancellationRequested();
            pass = step % perPass == 0 ? RandomOrder.Of(data.Count, order, sample: (uint)(step / perPass)) : pass;
            Step(network, parameters, adam, data, pass.AsSpan(step % perPass * batch, batch), step, 1 - ((double)step / steps));
        }
    }

    /// <summary>The share of samples whose greatest logit is that of their class.</summary>
    public static double Accuracy(ClassifierNetwork network, FlatTensors parameters, ClassifierData data, CancellationToken abort)
    {
        using var _ = no_grad();
        var right = 0L;
        for (var start = 0; start < data.Count; start += TestRows)
        {
            abort.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (images, labels) = Batch(data, Enumerable.Range(start, Math.Min(TestRows, data.Count - start)).ToArray());
            var logits = ClassifierNetwork.Logits(parameters.Constants, network.Forward(parameters.Constants, images).Features);
            right += logits.argmax(1).eq(labels).sum().item<long>();
        }

        return (double)right / data.Count;
    }

    private static void Step(ClassifierNetwork network, FlatTensors parameters, Adam adam, ClassifierData data, ReadOnlySpan<int> indices, int step, double rate)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Batch(data, indices);
        var logits = ClassifierNetwork.Logits(parameters.Leaves, network.Forward(parameters.Leaves, images).Features);
        var layout = parameters.Layout;
        var leaves = layout.Tensors.Select(tensor => parameters.Leaves[tensor.Name]).ToList();
        var gradients = autograd.grad([functional.cross_entropy(logits, labels)], leaves);
        var flat = zeros(layout.Length, float32);
        for (var i = 0; i < gradients.Count; i++)
        {
            TensorMemory.Floats(gradients[i].contiguous()).CopyTo(TensorMemory.Floats(flat)[layout.Offsets[i]..]);
        }

        adam.Step(flat, step + 1, rate);
    }

    private static (Tensor Images, Tensor Labels) Batch(ClassifierData data, ReadOnlySpan<int> indices)
    {
        var images = empty([indices.Length, data.Channels, data.ImageSize, data.ImageSize], float32);
        var labels = empty([indices.Length], int64);
        var values = TensorMemory.Floats(images);
        var classes = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(labels.bytes);
        for (var i = 0; i < indices.Length; i++)
        {
            data.Copy(indices[i], values.Slice(i * data.ImageLength, data.ImageLength));
            classes[i] = data.Label(indices[i]);
        }

        return (images, labels);
    }
}
