using DivCo.Collectives;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// Trains generator and content encoder on translations with random latents, the same in both directions, after all other updates of the step:
/// images must pass for real and must differ as their latents do; with cycle reconstruction their way back must find the image again.
/// </summary>
/// <remarks>The networks that images are compared by are constants, the content encoder's layers too where they serve as features.</remarks>
internal sealed class DiversityUpdate(
    TrainingConfig config,
    Networks networks,
    StepInputs inputs,
    ShardCodes codes,
    DiversityTerms terms,
    AdversarialLoss adversarial,
    ContrastiveLoss? contrastive) : GanUpdate
{
    /// <summary>The encoder's call of a step on images of a domain, and that on images which are translated back.</summary>
    private const int EncoderCall = 2, BackCall = 1;

    private static readonly Domain[] _both = [Domain.A, Domain.B];
    private readonly DiversitySums _sums = new(config, networks, inputs, terms, adversarial);

    public override string LossName => "loss_g_random";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.Contents, networks.Generator];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => _sums.Length;

    public override IReadOnlyList<string> SliceTermNames => contrastive is null ? [] : ["loss_contra"];

    public override bool Includes(ShardGrid grid, int shard) => contrastive is not null || grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 2 * codes.ContrastBlocks(shard) * inputs.Samples * FeatureLength;

    private int FeatureLength => config.Unpaired!.Encoder == UnpairedEncoder.Content ? networks.ContentEncoder.FeatureLength : config.Model.LatentDim;

    public override ShardOutput Forward(int shard)
    {
        var slice = inputs.SliceOf(shard);
        var (latents, reals) = (codes.All(inputs.Step, shard), Array.ConvertAll(_both, domain => inputs.Images(domain, slice)));
        var images = Array.ConvertAll(_both, domain =>
        {
            var other = Translation.Other(domain);
            return Translate(domain, reals[(int)other], inputs.ContentNoise(other, EncoderCall, slice), latents);
        });
        return new ShardOutput(
            inputs.HoldsQueries(shard) ? Sums(shard, reals, images, latents) : null,
            contrastive is null ? null : Rows(images, codes.ContrastBlocks(shard)),
            []);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) => _sums.Terms(statistics);

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows)
    {
        if (contrastive is null)
        {
            return [];
        }

        // Both directions of a sample are conditions: the sum over both of means over samples.
        var sum = contrastive.Sum(rows);
        return [new("loss_contra", config.LambdaContra, config.ContrastiveReduction == Reduction.Mean ? sum / statistics[DiversitySums.Samples] : sum)];
    }

    private Tensor Sums(int shard, Tensor[] reals, Tensor[] images, Tensor latents)
    {
        var back = config.Unpaired!.Reconstruction == Reconstruction.Cycle ? Back(reals, images, inputs.SliceOf(shard)) : zeros([], float64);
        return _sums.Of(images, latents, codes.JudgedBlock(shard), back);
    }

    private Tensor Translate(Domain domain, Tensor images, Tensor noise, Tensor latents) =>
        Translation.To(domain, networks.Contents.Leaves, networks.Generator.Leaves, images, noise, latents);

    /// <summary>The way back of the queries' images with the latent 0: what lies between an image and what is found again of it, for both domains.</summary>
    private Tensor Back(Tensor[] reals, Tensor[] images, int slice) => _both.Select(domain =>
    {
        var other = Translation.Other(domain);
        var latents = zeros([inputs.Samples, config.Model.LatentDim], networks.Type);
        var found = Translate(domain, images[(int)other].narrow(0, 0, inputs.Samples), inputs.ContentNoise(other, BackCall, slice), latents);
        return ReconstructionLoss.Sum(found, reals[(int)domain]);
    }).Aggregate((a, b) => a.add(b, Layers.One));

    /// <summary>Features block-major, in each block those of domain A before those of B.</summary>
    private Tensor Rows(Tensor[] images, int blocks)
    {
        var features = _both.Select(domain => Features(domain, images[(int)domain].narrow(0, 0, blocks * inputs.Samples)).view(blocks, inputs.Samples, -1));
        return cat([.. features], 1).flatten(0, 1);
    }

    private Tensor Features(Domain domain, Tensor images)
    {
        var features = config.Unpaired!.Encoder == UnpairedEncoder.Content
            ? ContentEncoder.Features(ContentEncoder.Forward(networks.Contents.Constants, domain, images))
            : AttributeEncoder.Forward(networks.Attributes!.Constants, domain, images).Mean;
        return config.FeatureNorm ? FeatureNormalization.Apply(features) : features;
    }
}
