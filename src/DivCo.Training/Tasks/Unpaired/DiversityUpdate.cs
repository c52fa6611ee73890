using DivCo.Collectives;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// The second pass of a step, with the weights that the first one left: contents are taken anew and translated with random latents, the same in
/// both directions. It trains generator and content encoder: images must pass for real and must differ as their latents do.
/// </summary>
/// <remarks>The networks that images are compared by are constants, the content encoder's layers too where they serve as features.</remarks>
internal sealed class DiversityUpdate(
    TrainingConfig config,
    Networks networks,
    StepInputs inputs,
    ShardCodes codes,
    DiversityTerms terms,
    AdversarialLoss adversarial,
    ContrastiveLoss? contrastive,
    Func<int> step,
    Func<int> batch) : GanUpdate
{
    private const int Adversarial = 0, Samples = 1, ImagesA = 2, ImagesB = 3, Latents = 4, FoundA = 5, FoundB = 6;

    /// <summary>The encoder's third call of a step on images of a domain.</summary>
    private const int EncoderCall = 2;

    public override string LossName => "loss_g_random";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.Contents, networks.Generator];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => 7;

    public override IReadOnlyList<string> SliceTermNames => contrastive is null ? [] : ["loss_contra"];

    public override bool Includes(ShardGrid grid, int shard) => contrastive is not null || grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 2 * codes.ContrastBlocks(shard) * inputs.Samples * FeatureLength;

    public override ShardOutput Forward(int shard)
    {
        var latents = codes.Of(step(), shard);
        Domain[] domains = [Domain.A, Domain.B];
        var images = Array.ConvertAll(domains, domain => Translate(domain, latents, inputs.SliceOf(shard)));
        return new ShardOutput(
            inputs.HoldsQueries(shard) ? Statistics(images, latents) : null,
            contrastive is null ? null : Rows(images, codes.ContrastBlocks(shard)),
            []);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
    [
        new("loss_adv_random", 1, statistics[Adversarial] / statistics[Samples]),
    ];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows)
    {
        if (contrastive is null)
        {
            return [];
        }

        // Both directions of a sample are conditions: the sum over both of means over samples.
        var sum = contrastive.Sum(rows);
        return [new("loss_contra", terms.Contrastive, config.ContrastiveReduction == Reduction.Mean ? sum / statistics[Samples] : sum)];
    }

    private int FeatureLength => config.Unpaired!.Encoder == UnpairedEncoder.Content ? networks.ContentEncoder.FeatureLength : config.Model.LatentDim;

    /// <summary>Images of a domain with contents of the other, one for each latent, block-major. Content noise is that of the sample: all its latents share it.</summary>
    private Tensor Translate(Domain domain, Tensor latents, int slice)
    {
        var other = (Domain)(1 - (int)domain);
        var content = ContentEncoder.Forward(networks.Contents.Leaves, other, inputs.Images(other, batch(), slice))
            .add(inputs.ContentNoise(other, step(), EncoderCall, slice), Layers.One);
        return Generator.Forward(networks.Generator.Leaves, domain, content.repeat(latents.shape[0] / inputs.Samples, 1, 1, 1), latents);
    }

    private Tensor Statistics(Tensor[] images, Tensor latents)
    {
        var zero = zeros([], float64);
        var judged = images.Select((images, domain) => Judge((Domain)domain, images)).ToArray();
        return stack([judged[0].add(judged[1], Layers.One), TensorMemory.Float64([inputs.Samples])[0], zero, zero, zero, zero, zero]);
    }

    /// <summary>The sum of what queries and the codes beside them cost, each a mean over samples.</summary>
    private Tensor Judge(Domain domain, Tensor images)
    {
        var judged = codes.JudgedBlock is { } block ? cat([Block(images, 0), Block(images, block)]) : Block(images, 0);
        return MultiScaleLoss.Sum(networks.Discriminators.OnRandom(domain, networks.Judges.Constants, judged), adversarial.Generator);
    }

    /// <summary>Features block-major, in each block those of domain A before those of B.</summary>
    private Tensor Rows(Tensor[] images, int blocks)
    {
        var features = images.Select((images, domain) => Features((Domain)domain, images.narrow(0, 0, blocks * inputs.Samples)).view(blocks, inputs.Samples, -1));
        return cat([.. features], 1).flatten(0, 1);
    }

    private Tensor Features(Domain domain, Tensor images)
    {
        var features = config.Unpaired!.Encoder == UnpairedEncoder.Content
            ? ContentEncoder.Features(ContentEncoder.Forward(networks.Contents.Constants, domain, images))
            : AttributeEncoder.Forward(networks.Attributes.Constants, domain, images).Mean;
        return config.FeatureNorm ? FeatureNormalization.Apply(features) : features;
    }

    private Tensor Block(Tensor rows, int block) => rows.narrow(0, block * inputs.Samples, inputs.Samples);
}
