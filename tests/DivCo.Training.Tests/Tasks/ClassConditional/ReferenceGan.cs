using DivCo.Training.Data;
using DivCo.Training.Latents;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

/// <summary>
/// Losses of one step as one graph, written out for networks at 32 x 32 with no sharding but that of batch statistics. It shares nothing
/// with the product except where samples and latents come from. In float32 it makes the calls of the product's forward, so that no
/// activation near zero falls on the other side of a ReLU.
/// </summary>
internal sealed class ReferenceGan(TrainingConfig config, LabelledImages dataset, GanTask task, int step, ScalarType type)
{
    public Dictionary<string, Tensor> Parameters { get; } = task.State.SelectMany(tensors => tensors.Constants)
        .ToDictionary(pair => pair.Key, pair => pair.Value.to(type).clone().requires_grad_());

    private int Samples => config.BatchSize / config.DataShards;

    public Tensor DiscriminatorLoss()
    {
        List<Tensor> real = [], fake = [];
        for (var slice = 0; slice < config.DataShards; slice++)
        {
            real.Add(Logits(Trunk(Reals(slice), Labels(slice, 1))));
            var judged = Judged(Images(slice, 0).detach());
            fake.Add(Logits(Trunk(judged, Labels(slice, (int)(judged.shape[0] / Samples)))));
        }

        using var one = 1.ToScalar();
        return Cost(-cat(real)).add(Cost(cat(fake)), one);
    }

    /// <summary>Each term with its weight, by the name of its metric.</summary>
    public Dictionary<string, (double Weight, Tensor Value)> GeneratorTerms()
    {
        using var one = 1.ToScalar();
        List<Tensor> logits = [], images = [], found = [];
        var contrastive = zeros([], float64);
        for (var slice = 0; slice < config.DataShards; slice++)
        {
            var features = new List<Tensor>();
            for (var k = 0; k < (Contrasts ? config.NegativeShards : 1); k++)
            {
                var generated = Images(slice, k);
                var trunk = Trunk(generated, Labels(slice, Blocks(k)));
                features.Add(Features(Contrasts ? trunk.narrow(0, 0, ContrastBlocks(k) * Samples) : trunk));
                if (k == 0)
                {
                    logits.Add(Logits(Judged(trunk)));
                    images.Add(Judged(generated));
                    found.Add(RegressesLatents ? Found(Judged(trunk)) : trunk);
                }
            }

            contrastive = Contrasts ? contrastive.add(Contrast(cat(features)), one) : contrastive;
        }

        var terms = new Dictionary<string, (double, Tensor)> { ["loss_adv"] = (1, Cost(-cat(logits))) };
        if (Contrasts)
        {
            terms.Add("loss_contra", (config.LambdaContra, contrastive));
        }

        var codes = cat([.. Enumerable.Range(0, config.DataShards).Select(slice => Judged(Latents(slice, 0)))]);
        if (SeeksModes)
        {
            using var small = 1e-5.ToScalar();
            var ratio = (Half(cat(images), 1) - Half(cat(images), 0)).to(float64).abs().mean() / (Half(codes, 1) - Half(codes, 0)).to(float64).abs().mean();
            terms.Add("loss_ms", (config.LambdaMs, ratio.add(small, one).reciprocal()));
        }

        if (RegressesLatents)
        {
            terms.Add("loss_latent", (config.LambdaZ, (cat(found) - codes).to(float64).abs().mean()));
        }

        return terms;

        // Of each slice, the judged rows are those of the queries, then those of the second codes.
        Tensor Half(Tensor rows, int half) => rows.unflatten(0, [config.DataShards, 2, Samples]).select(1, half);
    }

    public Tensor GeneratorLoss()
    {
        using var one = 1.ToScalar();
        var total = zeros([], float64);
        foreach (var (weight, value) in GeneratorTerms().Values)
        {
            using var scalar = weight.ToScalar();
            total = total.add(value.mul(scalar), one);
        }

        return total;
    }

    private bool Contrasts => config.Objective == Objective.DivCo || (config.Objective != Objective.None && config.LambdaContra > 0);

    private bool SeeksModes => config.Objective != Objective.None && config.LambdaMs > 0;

    private bool RegressesLatents => config.Objective != Objective.None && config.LambdaZ > 0;

    private bool HasSecondCode => !Contrasts || SeeksModes || config.ExtraCode;

    private int ContrastBlocks(int k) => (config.Negatives / config.NegativeShards) + (k == 0 ? 2 : 0);

    private int Blocks(int k) => (Contrasts ? ContrastBlocks(k) : 1) + (k == 0 && HasSecondCode ? 1 : 0);

    /// <summary>Of all rows of a slice's first shard, those of the queries and of the second codes, which come last.</summary>
    private Tensor Judged(Tensor rows) => HasSecondCode
        ? cat([rows.narrow(0, 0, Samples), rows.narrow(0, rows.shape[0] - Samples, Samples)])
        : rows.narrow(0, 0, Samples);

    /// <summary>Images of one shard, in one call, because a call's batch statistics are of its rows.</summary>
    private Tensor Images(int slice, int k)
    {
        var x = cat([Latents(slice, k), Labels(slice, Blocks(k))], 1).unsqueeze(2).unsqueeze(3);
        for (var layer = 1; layer <= 4; layer++)
        {
            var name = $"generator.layer{layer}";
            var (stride, padding) = layer == 1 ? (1, 0) : (2, 1);
            x = nn.functional.conv_transpose2d(x, Parameters[$"{name}.weight"], Parameters[$"{name}.bias"], [stride, stride], [padding, padding]);
            x = layer == 4 ? x.tanh() : Norm(x, name).relu();
        }

        return x;
    }

    private Tensor Latents(int slice, int k)
    {
        var rows = new List<float[]>();
        for (var block = 0; block < Blocks(k); block++)
        {
            for (var i = 0; i < Samples; i++)
            {
                rows.Add(Latent((slice * Samples) + i, k, block));
            }
        }

        return tensor(rows.SelectMany(row => row.Select(x => (double)x)).ToArray(), [rows.Count, config.Model.LatentDim]).to(type).clone();
    }

    private float[] Latent(int sample, int k, int block)
    {
        var augmentation = new LatentAugmentation(config.Seed, config.Radius);
        var (query, latent) = (new float[config.Model.LatentDim], new float[config.Model.LatentDim]);
        augmentation.Query(step, sample, query);
        if (HasSecondCode && k == 0 && block == Blocks(0) - 1)
        {
            LatentAugmentation.Normals(new PhiloxStream(config.Seed, StreamPurpose.SecondCode), step, sample, 0, latent);
            return latent;
        }

        var negative = (k * (config.Negatives / config.NegativeShards)) + block - (k == 0 ? 2 : 0);
        if (k == 0 && block == 0)
        {
            return query;
        }

        if (k == 0 && block == 1)
        {
            augmentation.Positive(step, sample, query, latent);
        }
        else
        {
            augmentation.Negative(step, sample, negative, augmentation.Outside(query), latent);
        }

        return latent;
    }

    private Tensor Trunk(Tensor images, Tensor labels)
    {
        var x = cat([images, labels.unsqueeze(2).unsqueeze(3).expand(-1, -1, 32, 32)], 1);
        for (var layer = 1; layer <= 3; layer++)
        {
            var name = $"discriminator.layer{layer}";
            x = nn.functional.conv2d(x, Parameters[$"{name}.weight"], Parameters[$"{name}.bias"], [2, 2], [1, 1]);
            x = layer == 1 ? x : Norm(x, name);
            using var slope = 0.2.ToScalar();
            x = x.leaky_relu(slope);
        }

        return x;
    }

    private Tensor Logits(Tensor trunk) =>
        nn.functional.conv2d(trunk, Parameters["discriminator.layer4.weight"], Parameters["discriminator.layer4.bias"]).flatten();

    private Tensor Found(Tensor trunk) =>
        nn.functional.conv2d(trunk, Parameters["discriminator.latent_head.weight"], Parameters["discriminator.latent_head.bias"]).flatten(1);

    private Tensor Features(Tensor trunk)
    {
        var features = (config.EncoderHead == EncoderHead.None
            ? trunk
            : nn.functional.conv2d(trunk, Parameters["discriminator.encoder_head.weight"], Parameters["discriminator.encoder_head.bias"])).flatten(1);
        using var two = 2.ToScalar();
        return config.FeatureNorm ? features / features.pow(two).sum(1, keepdim: true).sqrt() : features;
    }

    private Tensor Contrast(Tensor rows)
    {
        using var tau = config.Tau.ToScalar();
        using var one = 1.ToScalar();
        using var queries = ((double)config.BatchSize).ToScalar();
        var (sum, exact) = (zeros([], float64), rows.to(float64));
        for (var b = 0; b < Samples; b++)
        {
            var scores = Enumerable.Range(1, config.Negatives + 1).Select(r => exact[b].dot(exact[(r * Samples) + b]).div(tau)).ToArray();
            sum = sum.sub(scores[0].exp().div(stack(scores).exp().sum()).log());
        }

        return config.ContrastiveReduction == Reduction.Mean ? sum.div(queries) : sum;
    }

    private Tensor Norm(Tensor x, string layer) => config.Model.Norm switch
    {
        DivCo.Training.Norm.Batch => nn.functional.batch_norm(
            x, null, null, Parameters[$"{layer}.norm.weight"], Parameters[$"{layer}.norm.bias"], training: true),
        DivCo.Training.Norm.Instance => nn.functional.instance_norm(
            x, null, null, Parameters[$"{layer}.norm.weight"], Parameters[$"{layer}.norm.bias"]),
        _ => x,
    };

    /// <summary>Mean of what a logit costs where it should be low: log(1 + exp(x)).</summary>
    private static Tensor Cost(Tensor logits)
    {
        using var one = 1.ToScalar();
        return logits.to(float64).exp().add(one, one).log().mean();
    }

    private Tensor Reals(int slice)
    {
        var pixels = new float[dataset.ImageLength];
        var batch = new ShardedSampler(config.Seed, dataset.Count, config.BatchSize).Batch(step).Slice(slice * Samples, Samples).ToArray();
        var all = batch.SelectMany(index =>
        {
            dataset.CopyImage(index, pixels);
            return pixels.Select(x => (double)x).ToArray();
        }).ToArray();
        return tensor(all, [Samples, 1, 32, 32]).to(type).clone();
    }

    private Tensor Labels(int slice, int blocks)
    {
        var batch = new ShardedSampler(config.Seed, dataset.Count, config.BatchSize).Batch(step).Slice(slice * Samples, Samples).ToArray();
        var onehot = zeros([blocks * Samples, dataset.Classes], float64);
        for (var row = 0; row < blocks * Samples; row++)
        {
            TensorMemory.Doubles(onehot)[(row * dataset.Classes) + dataset.Label(batch[row % Samples])] = 1;
        }

        return onehot.to(type);
    }
}
