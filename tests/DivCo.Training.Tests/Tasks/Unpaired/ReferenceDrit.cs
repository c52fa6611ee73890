using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>
/// The losses of one step at 32 x 32 as one graph over the whole batch, written out as DRIT and DivCo state them. It shares nothing with the
/// product but where samples, latents and noise come from.
/// </summary>
internal sealed class ReferenceDrit
{
    private const int Layers = 3, Halvings = 0;

    private readonly TrainingConfig _config;
    private readonly ImageDomains _dataset;
    private readonly int _step;
    private readonly ScalarType _type;
    private readonly ReferenceNetworks _networks;

    public ReferenceDrit(TrainingConfig config, ImageDomains dataset, GanTask task, int step, ScalarType type)
    {
        (_config, _dataset, _step, _type) = (config, dataset, step, type);
        Parameters = task.State.SelectMany(tensors => tensors.Constants).ToDictionary(pair => pair.Key, pair => pair.Value.to(type).clone().requires_grad_());
        _networks = new ReferenceNetworks(Parameters);
    }

    public Dictionary<string, Tensor> Parameters { get; }

    /// <summary>In the order of the task's updates.</summary>
    public IEnumerable<Dictionary<string, Tensor>> Losses() => _config.Unpaired!.Reconstruction == Reconstruction.Cycle ? CycleLosses() : CrossCycleLosses();

    private IEnumerable<Dictionary<string, Tensor>> CycleLosses()
    {
        var (a, b) = (Images(Domain.A, Batch, 0), Images(Domain.B, Batch, 0));
        yield return OnRandom(Content("a", a, 0), Content("b", b, 0));
        yield return Diversity(Content("a", a, 2), Content("b", b, 2));
    }

    /// <summary>What the discriminators of random latents learn.</summary>
    private Dictionary<string, Tensor> OnRandom(Tensor contentA, Tensor contentB)
    {
        var (a, b) = (RandomCodes().Select(code => _networks.Generate("a", contentB, code)), RandomCodes().Select(code => _networks.Generate("b", contentA, code)));
        return new()
        {
            ["loss_d_a2"] = Sum(Multi("discriminator_a2", Images(Domain.A, Batch, _config.BatchSize), true), Multi("discriminator_a2", cat([.. a]).detach(), false)),
            ["loss_d_b2"] = Sum(Multi("discriminator_b2", Images(Domain.B, Batch, _config.BatchSize), true), Multi("discriminator_b2", cat([.. b]).detach(), false)),
        };
    }

    private IEnumerable<Dictionary<string, Tensor>> CrossCycleLosses()
    {
        for (var update = 0; update < ContentUpdates - 1; update++)
        {
            yield return ContentDiscriminator(
                Content("a", Images(Domain.A, (_step * ContentUpdates) + update, 0), 3 + update),
                Content("b", Images(Domain.B, (_step * ContentUpdates) + update, 0), 3 + update));
        }

        var (a, b) = (Images(Domain.A, Batch, 0), Images(Domain.B, Batch, 0));
        var (contentA, contentB) = (Content("a", a, 0), Content("b", b, 0));
        var (meanA, logA) = _networks.Attribute("a", a);
        var (meanB, logB) = _networks.Attribute("b", b);
        var (attributeA, attributeB) = (Sampled("a", meanA, logA, 0), Sampled("b", meanB, logB, 0));
        var (toA, toB) = (_networks.Generate("a", contentB, attributeA), _networks.Generate("b", contentA, attributeB));
        var (selfA, selfB) = (_networks.Generate("a", contentA, attributeA), _networks.Generate("b", contentB, attributeB));
        yield return new(OnRandom(contentA, contentB))
        {
            ["loss_d_a"] = Sum(Multi("discriminator_a", a, true), Multi("discriminator_a", toA.detach(), false)),
            ["loss_d_b"] = Sum(Multi("discriminator_b", b, true), Multi("discriminator_b", toB.detach(), false)),
        };
        yield return ContentDiscriminator(contentA, contentB);

        // Content of a translation to A is content of B.
        var (againB, againA) = (Content("a", toA, 1), Content("b", toB, 1));
        var (nextA, nextLogA) = _networks.Attribute("a", toA);
        var (nextB, nextLogB) = _networks.Attribute("b", toB);
        var cycleA = _networks.Generate("a", againA, Sampled("a", nextA, nextLogA, 1));
        var cycleB = _networks.Generate("b", againB, Sampled("b", nextB, nextLogB, 1));
        yield return new()
        {
            ["loss_adv"] = Sum(Multi("discriminator_a", toA, true), Multi("discriminator_b", toB, true)),
            ["loss_content"] = Sum(Undecided(contentA), Undecided(contentB)),
            ["loss_self"] = Sum((selfA - a).abs().mean(), (selfB - b).abs().mean()),
            ["loss_cycle"] = Sum((cycleA - a).abs().mean(), (cycleB - b).abs().mean()),
            ["loss_content_norm"] = Sum((contentA * contentA).mean(), (contentB * contentB).mean()),
            ["loss_kl"] = Sum(Divergence(meanA, logA), Divergence(meanB, logB)),
        };

        yield return Diversity(Content("a", a, 2), Content("b", b, 2));
    }

    public double Weight(string term) => term switch
    {
        "loss_self" or "loss_cycle" => 10,
        "loss_content_norm" or "loss_kl" => 0.01,
        "loss_contra" => _config.LambdaContra,
        "loss_ms" => _config.LambdaMs,
        "loss_latent" => _config.LambdaZ,
        _ => 1,
    };

    private int ContentUpdates => Math.Max(1, _config.Unpaired!.ContentUpdates);

    private int Batch => (_step * ContentUpdates) + ContentUpdates - 1;

    private Dictionary<string, Tensor> ContentDiscriminator(Tensor a, Tensor b) => new()
    {
        ["loss_content_d"] = Sum(
            Cross(_networks.JudgeContent(a.detach(), Halvings), false), Cross(_networks.JudgeContent(b.detach(), Halvings), true)),
    };

    private Dictionary<string, Tensor> Diversity(Tensor contentA, Tensor contentB)
    {
        var (query, blocks) = (Query(), ContrastCodes().ToArray());
        var second = RandomCodes().ElementAtOrDefault(1) ?? blocks[2];
        var adversarial = zeros([], _type);
        foreach (var code in new[] { query, second })
        {
            adversarial = Sum(adversarial, Multi("discriminator_a2", _networks.Generate("a", contentB, code), true));
            adversarial = Sum(adversarial, Multi("discriminator_b2", _networks.Generate("b", contentA, code), true));
        }

        var losses = new Dictionary<string, Tensor> { ["loss_adv_random"] = adversarial };
        if (Has(Objective.ModeSeeking, _config.LambdaMs))
        {
            losses["loss_ms"] = Sum(SeekModes("a", contentB, query, second), SeekModes("b", contentA, query, second));
        }

        if (Has(Objective.LatentRegression, _config.LambdaZ))
        {
            var (foundA, foundB) = (_networks.Attribute("a", _networks.Generate("a", contentB, query)).Mean, _networks.Attribute("b", _networks.Generate("b", contentA, query)).Mean);
            losses["loss_latent"] = Sum((foundA - query).abs().mean(), (foundB - query).abs().mean());
        }

        if (_config.Unpaired!.Reconstruction == Reconstruction.Cycle)
        {
            var zero = zeros_like(query);
            var backA = _networks.Generate("a", Content("b", _networks.Generate("b", contentA, query), 1), zero);
            var backB = _networks.Generate("b", Content("a", _networks.Generate("a", contentB, query), 1), zero);
            losses["loss_cycle"] = Sum((backA - Images(Domain.A, Batch, 0)).abs().mean(), (backB - Images(Domain.B, Batch, 0)).abs().mean());
        }

        if (Has(Objective.DivCo, _config.LambdaContra))
        {
            losses["loss_contra"] = Sum(Contrast("a", contentB, blocks), Contrast("b", contentA, blocks));
        }

        return losses;
    }

    private Tensor SeekModes(string domain, Tensor content, Tensor query, Tensor second)
    {
        using var small = 1e-5.ToScalar();
        using var one = 1.ToScalar();
        var apart = (_networks.Generate(domain, content, query) - _networks.Generate(domain, content, second)).abs().mean();
        return (apart / (query - second).abs().mean()).add(small, one).reciprocal();
    }

    private bool Has(Objective own, double weight) => _config.Objective == own || (_config.Objective != Objective.None && weight > 0);

    /// <summary>One direction; features are those of a copy of the weights, which nothing trains.</summary>
    private Tensor Contrast(string domain, Tensor content, Tensor[] codes)
    {
        using var tau = _config.Tau.ToScalar();
        var frozen = new ReferenceNetworks(Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach()));
        var features = codes.Select(code => Features(_networks.Generate(domain, content, code))).ToArray();
        var total = zeros([], _type);
        for (var sample = 0; sample < _config.BatchSize; sample++)
        {
            var scores = features.Skip(1).Select(other => features[0][sample].dot(other[sample]).div(tau).exp()).ToArray();
            total = total - scores[0].div(stack(scores).sum()).log();
        }

        using var samples = _config.BatchSize.ToScalar();
        return _config.ContrastiveReduction == Reduction.Mean ? total.div(samples) : total;

        Tensor Features(Tensor images)
        {
            // Means over the cells of a 4 x 4 grid of a content of 8 x 8.
            var vectors = _config.Unpaired!.Encoder == UnpairedEncoder.Attribute
                ? frozen.Attribute(domain, images).Mean
                : frozen.Content(domain, images).view(images.shape[0], -1, 4, 2, 4, 2).mean([3, 5]).flatten(1);
            using var two = 2.ToScalar();
            return _config.FeatureNorm ? vectors / vectors.pow(two).sum(1, keepdim: true).sqrt() : vectors;
        }
    }

    private Tensor Content(string domain, Tensor images, int call) =>
        Sum(_networks.Content(domain, images), Noise(StreamPurpose.ContentNoise, domain, call, 16, 8, 8));

    private Tensor Sampled(string domain, Tensor mean, Tensor logVariance, int call) =>
        Sum(mean, Noise(StreamPurpose.PosteriorNoise, domain, call, _config.Model.LatentDim) * logVariance.exp().sqrt());

    private Tensor Multi(string name, Tensor images, bool target) =>
        _networks.Judge(name, images, Layers).Select(map => Cross(map, target)).Aggregate(Sum);

    private Tensor Undecided(Tensor content)
    {
        using var half = 0.5.ToScalar();
        var logits = _networks.JudgeContent(content, Halvings);
        return Sum(Cross(logits, true), Cross(logits, false)).mul(half);
    }

    private static Tensor Cross(Tensor logits, bool target)
    {
        using var one = 1.ToScalar();
        return (target ? -logits : logits).exp().add(one, one).log().mean();
    }

    private static Tensor Divergence(Tensor mean, Tensor logVariance)
    {
        using var factor = (-0.5).ToScalar();
        return (Sum(ones_like(mean), logVariance) - (mean * mean) - logVariance.exp()).sum().mul(factor);
    }

    private static Tensor Sum(Tensor one, Tensor other) => ReferenceNetworks.Sum(one, other);

    private Tensor Query() => Latents((augmentation, sample, latent) => augmentation.Query(_step, sample, latent));

    private IEnumerable<Tensor> RandomCodes()
    {
        yield return Query();
        if (!Has(Objective.DivCo, _config.LambdaContra) || Has(Objective.ModeSeeking, _config.LambdaMs) || _config.ExtraCode)
        {
            var stream = new PhiloxStream(_config.Seed, StreamPurpose.SecondCode);
            yield return Latents((_, sample, latent) => LatentAugmentation.Normals(stream, _step, sample, 0, latent));
        }
    }

    private IEnumerable<Tensor> ContrastCodes()
    {
        yield return Query();
        yield return Latents((augmentation, sample, latent) => augmentation.Positive(_step, sample, QueryOf(augmentation, sample), latent));
        for (var negative = 0; negative < _config.Negatives; negative++)
        {
            yield return Latents((augmentation, sample, latent) =>
                augmentation.Negative(_step, sample, negative, augmentation.Outside(QueryOf(augmentation, sample)), latent));
        }
    }

    private float[] QueryOf(LatentAugmentation augmentation, int sample)
    {
        var query = new float[_config.Model.LatentDim];
        augmentation.Query(_step, sample, query);
        return query;
    }

    private Tensor Latents(Action<LatentAugmentation, int, float[]> draw)
    {
        var augmentation = new LatentAugmentation(_config.Seed, _config.Radius);
        return Rows(sample =>
        {
            var latent = new float[_config.Model.LatentDim];
            draw(augmentation, sample, latent);
            return latent;
        }, _config.Model.LatentDim);
    }

    private Tensor Noise(StreamPurpose purpose, string domain, int call, params long[] shape) => Rows(sample =>
    {
        var noise = new float[shape.Aggregate(1L, (x, y) => x * y)];
        LatentAugmentation.Normals(new PhiloxStream(_config.Seed, purpose), _step, sample, (2 * call) + (domain == "a" ? 0 : 1), noise);
        return noise;
    }, shape);

    /// <summary>Domain A is the smaller one, drawn with replacement; B is gone through in the order of its epochs.</summary>
    private Tensor Images(Domain domain, int batch, int first) => Rows(sample =>
    {
        var (position, image) = (first + sample, new float[_dataset.ImageLength]);
        var augmentation = new AugmentationStream(_config.Seed).Draw(batch, position, (int)domain);
        if (domain == Domain.A)
        {
            var uniform = PhiloxStream.ToUniform(new PhiloxStream(_config.Seed, StreamPurpose.OtherDomain).Bits((uint)batch, (uint)position, 0, 0));
            _dataset.CopyA((int)(uniform * _dataset.CountA), augmentation, image);
        }
        else
        {
            var batches = _dataset.CountB / (2 * _config.BatchSize);
            var order = ShardedSampler.Order(_config.Seed, batch / batches, _dataset.CountB);
            _dataset.CopyB(order[(batch % batches * 2 * _config.BatchSize) + position], augmentation, image);
        }

        return image;
    }, 1, 32, 32);

    private Tensor Rows(Func<int, float[]> row, params long[] shape) =>
        TensorMemory.Float64([.. Enumerable.Range(0, _config.BatchSize).SelectMany(row).Select(x => (double)x)]).view([_config.BatchSize, .. shape]).to(_type);

    private enum Domain
    {
        A,
        B,
    }
}
