using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using DivCo.Training.Tasks.Paired;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>
/// A step as BicycleGAN's released code makes it: the whole batch at once in float64, encoded and random images in calls of their own, and the gradient
/// of each loss with respect to what it trains taken apart from the others. Only the networks, which have tests of their own, are the product's.
/// </summary>
internal sealed class ReferenceBicycle(TrainingConfig config, ImagePairs pairs, GanTask task, int step)
{
    private readonly UNet _generator = new(config.Model, pairs.InputChannels);
    private readonly ResNetEncoder _encoder = new(config.Model);
    private readonly PatchDiscriminator _discriminator = new(
        config.Model, "discriminator", (config.Paired!.Architecture == PairedArchitecture.Pix2Pix ? pairs.InputChannels : 0) + config.Model.Channels);

    private readonly PatchDiscriminator _discriminator2 = new(config.Model, "discriminator2", config.Model.Channels);

    private readonly Dictionary<string, Tensor> _parameters = task.State.SelectMany(tensors => tensors.Constants)
        .ToDictionary(pair => pair.Key, pair => pair.Value.to(float64).clone().requires_grad_());

    private Dictionary<string, Tensor> Frozen => _parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach());

    /// <summary>Losses by metric name, and gradients by the name of the tensor.</summary>
    public (Dictionary<string, double> Losses, Dictionary<string, double[]> Gradients) Step() =>
        config.Paired!.Architecture == PairedArchitecture.Pix2Pix ? Pix2Pix() : Bicycle();

    private (Dictionary<string, double> Losses, Dictionary<string, double[]> Gradients) Bicycle()
    {
        var (inputs, targets) = Batch(0);
        var (_, otherTargets) = Batch(config.BatchSize);
        var codes = Codes();
        var (mean, logVariance) = _encoder.Forward(_parameters, targets);
        var fakeEncoded = _generator.Forward(_parameters, inputs, Plus(mean, Noise() * (logVariance * Constant(0.5)).exp()));
        var fakeRandom = _generator.Forward(_parameters, inputs.repeat(codes.shape[0] / config.BatchSize, 1, 1, 1), codes);
        var judged = Judged(fakeRandom);

        var adversarial = Plus(Squares(_discriminator.Forward(Frozen, fakeEncoded), 1), Squares(_discriminator2.Forward(Frozen, judged), 1));
        var distance = (fakeEncoded - targets).abs().mean();
        var divergence = Plus(logVariance - (mean * mean) - logVariance.exp(), Constant(1)).sum() * Constant(-0.5);
        var shared = Plus(adversarial, distance * Constant(config.Paired!.LambdaL1), divergence * Constant(config.Paired.LambdaKl));
        var (alone, losses) = Diversity(fakeRandom, codes);
        var ofD = Plus(Squares(_discriminator.Forward(_parameters, fakeEncoded.detach()), 0), Squares(_discriminator.Forward(_parameters, targets), 1));
        var ofD2 = Plus(Squares(_discriminator2.Forward(_parameters, judged.detach()), 0), Squares(_discriminator2.Forward(_parameters, otherTargets), 1));

        losses["loss_adv"] = adversarial.item<double>();
        losses["loss_l1"] = distance.item<double>();
        losses["loss_kl"] = divergence.item<double>();
        losses["loss_d"] = ofD.item<double>() + ofD2.item<double>();
        losses["loss_g"] = shared.item<double>() + alone.item<double>();
        return (losses, Gradients((shared, "encoder."), (Plus(shared, alone), "generator."), (ofD, "discriminator."), (ofD2, "discriminator2.")));
    }

    private (Dictionary<string, double> Losses, Dictionary<string, double[]> Gradients) Pix2Pix()
    {
        var (inputs, targets) = Batch(0);
        var codes = Codes();
        var fakes = _generator.Forward(_parameters, inputs.repeat(codes.shape[0] / config.BatchSize, 1, 1, 1), codes);
        var judged = cat([inputs.repeat(HasSecondCode ? 2 : 1, 1, 1, 1), Judged(fakes)], 1);
        var adversarial = Squares(_discriminator.Forward(Frozen, judged), 1);
        var distance = (fakes.narrow(0, 0, config.BatchSize) - targets).abs().mean();
        var (alone, losses) = Diversity(fakes, codes);
        var ofG = Plus(adversarial, distance * Constant(config.Paired!.LambdaL1), alone);
        var ofD = Plus(Squares(_discriminator.Forward(_parameters, judged.detach()), 0), Squares(_discriminator.Forward(_parameters, cat([inputs, targets], 1)), 1));
        losses["loss_adv"] = adversarial.item<double>();
        losses["loss_l1"] = distance.item<double>();
        losses["loss_d"] = ofD.item<double>();
        losses["loss_g"] = ofG.item<double>();
        return (losses, Gradients((ofG, "generator."), (ofD, "discriminator.")));
    }

    /// <summary>The terms that train the generator alone.</summary>
    private (Tensor Weighted, Dictionary<string, double> Losses) Diversity(Tensor images, Tensor codes)
    {
        var losses = new Dictionary<string, double>();
        var weighted = zeros([], float64);
        if (Contrasts)
        {
            var own = images.narrow(0, 0, (config.Negatives + 2) * config.BatchSize);
            var features = config.Paired!.Encoder == PairedEncoder.Vae ? _encoder.Forward(Frozen, own).Mean : _generator.Features(Frozen, own);
            Add("loss_contra", config.LambdaContra, Contrast(features));
        }

        if (config.LambdaMs > 0)
        {
            var distance = (Query(images) - Second(images)).abs().mean() / (Query(codes) - Second(codes)).abs().mean();
            Add("loss_ms", config.LambdaMs, Constant(1) / Plus(distance, Constant(1e-5)));
        }

        if (config.LambdaZ > 0)
        {
            Add("loss_latent", config.LambdaZ, (_encoder.Forward(Frozen, images).Mean - codes).abs().mean());
        }

        return (weighted, losses);

        void Add(string name, double weight, Tensor value)
        {
            losses[name] = value.item<double>();
            weighted = Plus(weighted, value * Constant(weight));
        }
    }

    private bool Contrasts => config.Objective != Objective.None && config.LambdaContra > 0;

    private bool HasSecondCode => !Contrasts || config.LambdaMs > 0 || config.ExtraCode;

    private Tensor Judged(Tensor images) => HasSecondCode ? cat([Query(images), Second(images)], 0) : Query(images);

    private Tensor Query(Tensor rows) => rows.narrow(0, 0, config.BatchSize);

    private Tensor Second(Tensor rows) => rows.narrow(0, rows.shape[0] - config.BatchSize, config.BatchSize);

    private Tensor Contrast(Tensor features)
    {
        var rows = config.FeatureNorm ? features / (features * features).sum(1, keepdim: true).sqrt() : features;
        var sum = zeros([], float64);
        for (var b = 0; b < config.BatchSize; b++)
        {
            var scores = Enumerable.Range(1, config.Negatives + 1).Select(r => rows[b].dot(rows[(r * config.BatchSize) + b]) / Constant(config.Tau)).ToArray();
            sum -= (scores[0].exp() / stack(scores).exp().sum()).log();
        }

        return config.ContrastiveReduction == Reduction.Mean ? sum / Constant(config.BatchSize) : sum;
    }

    /// <summary>Rows block by block: queries, with the contrastive term positives and negatives, then second codes where there are any.</summary>
    private Tensor Codes()
    {
        var (augmentation, dim) = (new LatentAugmentation(config.Seed, config.Radius), config.Model.LatentDim);
        List<Func<int, float[]>> blocks = [Query];
        if (Contrasts)
        {
            blocks.Add(sample => Filled(code => augmentation.Positive(step, sample, Query(sample), code)));
            blocks.AddRange(Enumerable.Range(0, config.Negatives).Select(negative => (Func<int, float[]>)(sample =>
                Filled(code => augmentation.Negative(step, sample, negative, augmentation.Outside(Query(sample)), code)))));
        }

        if (HasSecondCode)
        {
            blocks.Add(sample => Filled(code =>
                LatentAugmentation.Normals(new PhiloxStream(config.Seed, StreamPurpose.SecondCode), step, sample, 0, code)));
        }

        return Rows(blocks.SelectMany(block => Enumerable.Range(0, config.BatchSize).Select(block)));

        float[] Query(int sample) => Filled(code => augmentation.Query(step, sample, code));

        float[] Filled(Action<float[]> fill)
        {
            var code = new float[dim];
            fill(code);
            return code;
        }
    }

    private Tensor Noise() => Rows(Enumerable.Range(0, config.BatchSize).Select(sample =>
    {
        var noise = new float[config.Model.LatentDim];
        LatentAugmentation.Normals(new PhiloxStream(config.Seed, StreamPurpose.PosteriorNoise), step, sample, 0, noise);
        return noise;
    }));

    private (Tensor Inputs, Tensor Targets) Batch(int first)
    {
        var perStep = config.Paired!.Architecture == PairedArchitecture.Pix2Pix ? config.BatchSize : 2 * config.BatchSize;
        var indices = new ShardedSampler(config.Seed, pairs.Count, perStep).Batch(step).Slice(first, config.BatchSize).ToArray();
        var copies = indices.Select((index, i) =>
        {
            var (input, target) = (new float[pairs.InputLength], new float[pairs.ImageLength]);
            pairs.CopyPair(index, new AugmentationStream(config.Seed).Draw(step, first + i), input, target);
            return (Input: input, Target: target);
        }).ToArray();
        return (
            Rows(copies.Select(copy => copy.Input)).view(-1, pairs.InputChannels, 32, 32),
            Rows(copies.Select(copy => copy.Target)).view(-1, pairs.Channels, 32, 32));
    }

    private Dictionary<string, double[]> Gradients(params (Tensor Loss, string Prefix)[] parts) => parts.SelectMany(part =>
    {
        string[] names = [.. _parameters.Keys.Where(name => name.StartsWith(part.Prefix, StringComparison.Ordinal))];
        return names.Zip(autograd.grad([part.Loss], [.. names.Select(name => _parameters[name])], retain_graph: true));
    }).ToDictionary(pair => pair.First, pair => pair.Second.contiguous().data<double>().ToArray());

    /// <summary>Least squares to a target, the mean over each scale, added.</summary>
    private static Tensor Squares(Tensor[] maps, double target) =>
        Plus([.. maps.Select(map => ((map - Constant(target)) * (map - Constant(target))).mean())]);

    private static Tensor Plus(params Tensor[] terms)
    {
        using var one = 1.ToScalar();
        return terms.Aggregate((sum, term) => sum.add(term, one));
    }

    private static Tensor Rows(IEnumerable<float[]> rows)
    {
        var all = rows.ToArray();
        return tensor([.. all.SelectMany(row => row.Select(x => (double)x))], [all.Length, all[0].Length]);
    }

    private static Tensor Constant(double value) => tensor(value, float64);
}
