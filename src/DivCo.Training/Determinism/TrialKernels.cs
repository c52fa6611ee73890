using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Determinism;

/// <summary>The kinds of kernels that training consists of, at the sizes of a trial's networks.</summary>
internal static class TrialKernels
{
    private const int Top = 4;
    private const double Epsilon = 1e-5;
    private static readonly Scalar _slope = 0.2.ToScalar();

    public static IReadOnlyList<ProbedKernel> Of(ProbeShape shape)
    {
        var kernels = new List<ProbedKernel>();
        var (size, inputs, outputs) = (shape.ImageSize, (long)shape.Channels, (long)shape.Width);
        for (; size > Top; (size, inputs, outputs) = (size / 2, outputs, outputs * 2))
        {
            kernels.AddRange(Convolutions(shape.Rows, size, inputs, outputs, stride: 2));
            kernels.AddRange(Maps(shape.Rows, size / 2, outputs));
        }

        kernels.AddRange(Convolutions(shape.Rows, Top, inputs, shape.FeatureDim, stride: 1));
        kernels.AddRange(Rows(shape.Rows, inputs * Top * Top, shape.FeatureDim));
        kernels.Add(AdamOf((int)Math.Min(1 << 20, inputs * outputs * 16)));
        return kernels;
    }

    /// <summary>A convolution of 4 x 4 down to half the size (or to 1 x 1 with stride 1), and the transposed one back up; with both gradients.</summary>
    private static IEnumerable<ProbedKernel> Convolutions(long rows, long size, long inputs, long outputs, long stride)
    {
        var (padding, small) = stride == 2 ? (1, size / 2) : (0, 1);
        var (down, up) = ($"convolution {size}x{size}x{inputs} to {small}x{small}x{outputs}", $"transposed convolution {small}x{small}x{outputs} to {size}x{size}x{inputs}");
        long[] large = [rows, inputs, size, size], little = [rows, outputs, small, small], kernel = [outputs, inputs, Top, Top];
        Tensor Down(Tensor x, Tensor weight, Tensor bias) => functional.conv2d(x, weight, bias, [stride, stride], [padding, padding]);
        Tensor Up(Tensor x, Tensor weight, Tensor bias) => functional.conv_transpose2d(x, weight, bias, [stride, stride], [padding, padding]);
        return [.. Differentiated(down, Down, large, kernel, outputs), .. Differentiated(up, Up, little, kernel, inputs)];
    }

    private static IEnumerable<ProbedKernel> Differentiated(string name, Func<Tensor, Tensor, Tensor, Tensor> layer, long[] input, long[] kernel, long bias) =>
    [
        new(name, inputs => [layer(inputs.Next(input), inputs.Next(kernel), inputs.Next(bias))]),
        new($"{name}: gradient of the input", inputs =>
        {
            var x = inputs.Next(input).requires_grad_();
            return Gradients(inputs, layer(x, inputs.Next(kernel), inputs.Next(bias)), x);
        }),
        new($"{name}: gradient of the weights", inputs =>
        {
            var x = inputs.Next(input);
            var (weight, offset) = (inputs.Next(kernel).requires_grad_(), inputs.Next(bias).requires_grad_());
            return Gradients(inputs, layer(x, weight, offset), weight, offset);
        }),
    ];

    /// <summary>What lies between convolutions: norms, activations and sums over maps, each with its gradient.</summary>
    private static IEnumerable<ProbedKernel> Maps(long rows, long size, long channels)
    {
        var at = $"{size}x{size}x{channels}";
        long[] shape = [rows, channels, size, size];
        yield return new($"batch norm {at}", inputs =>
        {
            var (x, weight, bias) = (inputs.Next(shape).requires_grad_(), inputs.Next(channels).requires_grad_(), inputs.Next(channels).requires_grad_());
            var (mean, variance) = (inputs.Next(channels), inputs.Next(channels));
            return [.. Gradients(inputs, functional.batch_norm(x, mean, variance, weight, bias, true, 1, Epsilon), x, weight, bias), mean, variance];
        });
        yield return new($"instance norm {at}", inputs =>
        {
            var (x, weight, bias) = (inputs.Next(shape).requires_grad_(), inputs.Next(channels).requires_grad_(), inputs.Next(channels).requires_grad_());
            return Gradients(inputs, functional.instance_norm(x, null, null, weight, bias, true, 0, Epsilon), x, weight, bias);
        });
        yield return new($"leaky ReLU and tanh {at}", inputs =>
        {
            var x = inputs.Next(shape).requires_grad_();
            return Gradients(inputs, x.leaky_relu(_slope).tanh(), x);
        });
        yield return new($"sums {at}", inputs =>
        {
            var x = inputs.Next(shape);
            return [x.sum(), x.sum(1), x.mean([2, 3]), x.view(rows, -1).norm(1, keepdim: true)];
        });
    }

    /// <summary>What is done to rows of features and logits.</summary>
    private static IEnumerable<ProbedKernel> Rows(long rows, long inputs, long features)
    {
        yield return new($"matrix product {rows}x{inputs} by {inputs}x{features}", given =>
        {
            var (x, weight) = (given.Next(rows, inputs).requires_grad_(), given.Next(inputs, features).requires_grad_());
            return Gradients(given, x.mm(weight), x, weight);
        });
        yield return new($"logsumexp and softmax {rows}x{features}", given =>
        {
            var x = given.Next(rows, features).requires_grad_();
            return Gradients(given, x.logsumexp(1), x);
        });
        yield return new($"log-sigmoid {rows}", given =>
        {
            var x = given.Next(rows).requires_grad_();
            return Gradients(given, x.to(float64).log_sigmoid().sum().to(float32), x);
        });
    }

    private static ProbedKernel AdamOf(int parameters) => new($"Adam {parameters}", inputs =>
    {
        using var weights = new FlatTensors(new TensorLayout([new TensorSpec("weights", [parameters], InitialValue.Constant(0))]));
        using var adam = new Adam(new OptimizerConfig { LearningRate = 2e-4, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 1e-4, Schedule = LearningRateSchedule.Constant }, weights);
        adam.Step(inputs.Next(weights.Layout.Length), 1, 1);
        adam.Step(inputs.Next(weights.Layout.Length), 2, 1);
        return [weights.Buffer.clone()];
    });

    /// <summary>The output, and the gradients that a given gradient of the output makes.</summary>
    private static IReadOnlyList<Tensor> Gradients(ProbeInputs inputs, Tensor output, params Tensor[] leaves) =>
        [output, .. autograd.grad([output], leaves, [inputs.Next(output.shape)])];
}
