using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>
/// DRIT's networks written out as in its tables, from convolutions, indexing and means alone. It shares nothing with the product but the
/// names of the parameters.
/// </summary>
internal sealed class ReferenceNetworks(IReadOnlyDictionary<string, Tensor> parameters)
{
    public Tensor Content(string domain, Tensor x)
    {
        var name = $"content_encoder.{domain}";
        x = Leaky(Conv($"{name}.layer1", Reflect(x, 3), 1), 0.01);
        x = Normalise(Conv($"{name}.layer2", Reflect(x, 1), 2), [2, 3]).relu();
        x = Normalise(Conv($"{name}.layer3", Reflect(x, 1), 2), [2, 3]).relu();
        x = Residual($"{name}.block3", Residual($"{name}.block2", Residual($"{name}.block1", x)));
        return Residual("content_encoder.shared.block1", x);
    }

    public (Tensor Mean, Tensor LogVariance) Attribute(string domain, Tensor x)
    {
        var name = $"attribute_encoder.{domain}";
        x = Conv($"{name}.layer1", Reflect(x, 1), 2);
        for (var block = 1; block <= 3; block++)
        {
            var inner = Conv($"{name}.block{block}.layer1", Reflect(Leaky(x, 0.2), 1), 1);
            inner = Conv($"{name}.block{block}.layer2", Reflect(Leaky(inner, 0.2), 1), 1);
            x = Sum(MeansOfFour(inner), Conv($"{name}.block{block}.shortcut", MeansOfFour(x), 1));
        }

        x = Leaky(x, 0.2).mean([2, 3]);
        return (Linear("mean"), Linear("log_variance"));

        Tensor Linear(string layer) => Sum(x.matmul(parameters[$"{name}.{layer}.weight"].t()), parameters[$"{name}.{layer}.bias"]);
    }

    public Tensor Generate(string domain, Tensor content, Tensor latents)
    {
        var name = $"generator.{domain}";
        var x = Join(Residual("generator.shared.block1", content));
        x = Residual($"{name}.block3", Residual($"{name}.block2", Residual($"{name}.block1", x)));
        for (var layer = 1; layer <= 2; layer++)
        {
            x = functional.conv_transpose2d(
                Join(x), parameters[$"{name}.layer{layer}.weight"], parameters[$"{name}.layer{layer}.bias"], [2, 2], [1, 1], [1, 1]);
            x = Normalise(x, [1, 2, 3]) * PerChannel($"{name}.layer{layer}.norm.weight");
            x = Sum(x, PerChannel($"{name}.layer{layer}.norm.bias")).relu();
        }

        // A transposed convolution with kernel 1 is a product with the weights at every pixel.
        var weight = parameters[$"{name}.layer3.weight"].squeeze(3).squeeze(2);
        var pixels = einsum("nchw,cd->ndhw", Join(x), weight);
        return Sum(pixels, PerChannel($"{name}.layer3.bias")).tanh();

        Tensor Join(Tensor maps) => cat([maps, latents.unsqueeze(2).unsqueeze(3).expand(-1, -1, maps.shape[2], maps.shape[3])], 1);
    }

    /// <param name="layers">With kernel 4, of each scale.</param>
    public Tensor[] Judge(string name, Tensor images, int layers)
    {
        var smaller = ThreeByThree(images);
        return [.. new[] { images, smaller, ThreeByThree(smaller) }.Select(Scale)];

        Tensor Scale(Tensor x, int scale)
        {
            for (var layer = 1; layer <= layers; layer++)
            {
                x = Leaky(Conv($"{name}.scale{scale}.layer{layer}", Reflect(x, 1), 2), 0.01);
            }

            return Conv($"{name}.scale{scale}.layer{layers + 1}", x, 1);
        }
    }

    /// <param name="halvings">Layers with kernel 7.</param>
    public Tensor JudgeContent(Tensor x, int halvings)
    {
        for (var layer = 1; layer <= halvings; layer++)
        {
            x = Leaky(Conv($"content_discriminator.layer{layer}", Reflect(x, 1), 2), 0.01);
        }

        x = Leaky(Conv($"content_discriminator.layer{halvings + 1}", x, 1), 0.01);
        return Conv($"content_discriminator.layer{halvings + 2}", x, 1);
    }

    public static Tensor Sum(Tensor one, Tensor other)
    {
        using var factor = 1.ToScalar();
        return one.add(other, factor);
    }

    private Tensor Residual(string block, Tensor x)
    {
        var inner = Normalise(Conv($"{block}.layer1", Reflect(x, 1), 1), [2, 3]).relu();
        return Sum(x, Normalise(Conv($"{block}.layer2", Reflect(inner, 1), 1), [2, 3]));
    }

    private Tensor Conv(string layer, Tensor x, int stride) =>
        functional.conv2d(x, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], [stride, stride]);

    private Tensor PerChannel(string name) => parameters[name].unsqueeze(0).unsqueeze(2).unsqueeze(3);

    /// <summary>Rows, then columns, by their indices: those before the first are the second, the third...</summary>
    private static Tensor Reflect(Tensor x, int pad)
    {
        foreach (var dimension in (long[])[2, 3])
        {
            var last = x.shape[dimension] - 1;
            var indices = Enumerable.Range(-pad, (int)last + 1 + (2 * pad)).Select(i => last - Math.Abs(last - Math.Abs((long)i)));
            x = x.index_select(dimension, tensor(indices.ToArray()));
        }

        return x;
    }

    private static Tensor Normalise(Tensor x, long[] over)
    {
        using var epsilon = 1e-5.ToScalar();
        using var one = 1.ToScalar();
        using var two = 2.ToScalar();
        var centred = x - x.mean(over, keepdim: true);
        return centred / centred.pow(two).mean(over, keepdim: true).add(epsilon, one).sqrt();
    }

    private static Tensor Leaky(Tensor x, double slope)
    {
        using var below = slope.ToScalar();
        return Sum(x.relu(), (-x).relu().mul(below).neg());
    }

    private static Tensor MeansOfFour(Tensor x) => SumsOver(x, 2, 2, 0) / SumsOver(ones_like(x), 2, 2, 0);

    /// <summary>Means over 3 x 3 of what lies inside the image.</summary>
    private static Tensor ThreeByThree(Tensor x) => SumsOver(x, 3, 2, 1) / SumsOver(ones_like(x), 3, 2, 1);

    private static Tensor SumsOver(Tensor x, int kernel, int stride, int pad)
    {
        var single = x.flatten(0, 1).unsqueeze(1);
        var sums = functional.conv2d(single, ones([1, 1, kernel, kernel], x.dtype), null, [stride, stride], [pad, pad]);
        return sums.view(x.shape[0], x.shape[1], sums.shape[2], sums.shape[3]);
    }
}
