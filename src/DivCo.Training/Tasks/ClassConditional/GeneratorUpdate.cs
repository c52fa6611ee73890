using DivCo.Collectives;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// Trains the generator against the updated discriminator, which is a constant here: the adversarial term on the queries, and the
/// contrastive term on all images, whose gradient reaches the generator through query, positive and every negative.
/// </summary>
internal sealed class GeneratorUpdate(
    TrainingConfig config,
    Networks networks,
    AdversarialLoss adversarial,
    ContrastiveLoss? contrastive,
    int adversarialBlocks,
    Func<int, int> blocksOf,
    Func<int, ShardTensors> shards) : GanUpdate
{
    private const int AdversarialSum = 0, Queries = 1;

    public override string LossName => "loss_g";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.GeneratorParameters];

    public override IReadOnlyList<RunningStatistics> RunningStatistics { get; } = Tasks.RunningStatistics.Of(networks.GeneratorStatistics, calls: 1);

    public override int StatisticsLength => 2;

    public override IReadOnlyList<string> SliceTermNames => contrastive is null ? [] : ["loss_contra"];

    public override bool Includes(ShardGrid grid, int shard) => contrastive is not null || grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) =>
        contrastive is null ? 0 : blocksOf(shard) * (config.BatchSize / config.DataShards) * networks.Discriminator.FeatureLength;

    public override ShardOutput Forward(int shard)
    {
        var tensors = shards(shard);
        var discriminator = networks.Discriminator;
        var norms = discriminator.InTraining(tensors.NewBatchStatistics(discriminator.Statistics));
        var parameters = networks.DiscriminatorParameters.Constants;
        var trunk = discriminator.Trunk(parameters, norms, tensors.Images, tensors.LabelsOf(tensors.Blocks));
        return new ShardOutput(
            tensors.HoldsQueries ? Judge(trunk.narrow(0, 0, adversarialBlocks * tensors.Samples)) : null,
            contrastive is null ? null : Features(trunk),
            [.. new[] { tensors.GeneratorStatistics }.OfType<FlatTensors>()]);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
        [new("loss_adv", 1, statistics[AdversarialSum] / statistics[Queries])];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows)
    {
        if (contrastive is null)
        {
            return [];
        }

        var sum = contrastive.Sum(rows);
        return [new("loss_contra", config.LambdaContra, config.ContrastiveReduction == Reduction.Mean ? sum / statistics[Queries] : sum)];
    }

    private Tensor Judge(Tensor trunk)
    {
        var logits = networks.Discriminator.Logits(networks.DiscriminatorParameters.Constants, trunk);
        return stack([adversarial.Generator(logits), TensorMemory.Float64([logits.shape[0]])[0]]);
    }

    private Tensor Features(Tensor trunk)
    {
        var features = networks.Discriminator.Features(networks.FrozenHead?.Constants ?? new Dictionary<string, Tensor>(), trunk);
        return config.FeatureNorm ? FeatureNormalization.Apply(features) : features;
    }
}
