using DivCo.Collectives;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// Trains the generator against the updated discriminator, which is a constant here: the adversarial term on the judged images, the contrastive
/// term on all of its own, whose gradient reaches the generator through query, positive and every negative, and the terms of query and
/// second code. The head of latent regression is trained with it.
/// </summary>
internal sealed class GeneratorUpdate(
    TrainingConfig config,
    Networks networks,
    DiversityTerms terms,
    AdversarialLoss adversarial,
    ContrastiveLoss? contrastive,
    ShardLatents latents,
    Func<int, ShardTensors> shards) : GanUpdate
{
    private const int AdversarialSum = 0, Judged = 1, Modes = 2;
    private readonly int _latentSum = Modes + (terms.SeeksModes ? ModeSeekingLoss.Length : 0);

    public override string LossName => "loss_g";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [.. new[] { networks.GeneratorParameters, networks.LatentHead }.OfType<FlatTensors>()];

    public override IReadOnlyList<RunningStatistics> RunningStatistics { get; } = Tasks.RunningStatistics.Of(networks.GeneratorStatistics, calls: 1);

    public override int StatisticsLength => _latentSum + (terms.RegressesLatents ? 2 : 0);

    public override IReadOnlyList<string> SliceTermNames => contrastive is null ? [] : ["loss_contra"];

    public override bool Includes(ShardGrid grid, int shard) => terms.Contrasts || latents.HoldsQueries(shard);

    public override int RowsLength(int shard) =>
        contrastive is null ? 0 : latents.ContrastBlocks(shard) * latents.Samples * networks.Discriminator.FeatureLength;

    public override ShardOutput Forward(int shard)
    {
        var tensors = shards(shard);
        var discriminator = networks.Discriminator;
        var norms = discriminator.InTraining(tensors.NewBatchStatistics(discriminator.Statistics));
        var parameters = networks.DiscriminatorParameters.Constants;
        var trunk = discriminator.Trunk(parameters, norms, tensors.Images, tensors.LabelsOf(tensors.Blocks));
        return new ShardOutput(
            tensors.HoldsQueries ? Statistics(tensors, trunk) : null,
            contrastive is null ? null : Features(Contrasted(shard, trunk)),
            [.. new[] { tensors.GeneratorStatistics }.OfType<FlatTensors>()]);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics)
    {
        List<LossTerm> losses = [new("loss_adv", 1, statistics[AdversarialSum] / statistics[Judged])];
        if (terms.SeeksModes)
        {
            losses.Add(new("loss_ms", config.LambdaMs, ModeSeekingLoss.Of(statistics.narrow(0, Modes, ModeSeekingLoss.Length))));
        }

        if (terms.RegressesLatents)
        {
            losses.Add(new("loss_latent", config.LambdaZ, statistics[_latentSum] / statistics[_latentSum + 1]));
        }

        return losses;
    }

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows)
    {
        if (contrastive is null)
        {
            return [];
        }

        var sum = contrastive.Sum(rows);
        return [new("loss_contra", config.LambdaContra, config.ContrastiveReduction == Reduction.Mean ? sum / Queries(statistics) : sum)];
    }

    private Tensor Queries(Tensor statistics)
    {
        using var blocks = (terms.HasSecondCode ? 2 : 1).ToScalar();
        return statistics[Judged].div(blocks);
    }

    private Tensor Statistics(ShardTensors tensors, Tensor trunk)
    {
        var discriminator = networks.Discriminator;
        var judged = tensors.Judged(trunk);
        var logits = discriminator.Logits(networks.DiscriminatorParameters.Constants, judged);
        List<Tensor> sums = [stack([adversarial.Generator(logits), TensorMemory.Float64([logits.shape[0]])[0]])];
        var codes = tensors.Judged(tensors.Latents);
        if (terms.SeeksModes)
        {
            var images = tensors.Judged(tensors.Images);
            sums.Add(ModeSeekingLoss.Statistics(Half(images, 0), Half(images, 1), Half(codes, 0), Half(codes, 1)));
        }

        if (terms.RegressesLatents)
        {
            var found = Discriminator.Latents(networks.LatentHead!.Leaves, judged);
            sums.Add(stack([ReconstructionLoss.Sum(found, codes), TensorMemory.Float64([codes.NumberOfElements])[0]]));
        }

        return sums is [var only] ? only : cat(sums);

        Tensor Half(Tensor rows, int half) => rows.narrow(0, half * tensors.Samples, tensors.Samples);
    }

    private Tensor Contrasted(int shard, Tensor trunk) => latents.ContrastBlocks(shard) == latents.Blocks(shard)
        ? trunk
        : trunk.narrow(0, 0, latents.ContrastBlocks(shard) * latents.Samples);

    private Tensor Features(Tensor trunk)
    {
        var features = networks.Discriminator.Features(networks.FrozenHead?.Constants ?? new Dictionary<string, Tensor>(), trunk);
        return config.FeatureNorm ? FeatureNormalization.Apply(features) : features;
    }
}
