using DivCo.Collectives;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>
/// The one update of a step. BicycleGAN takes the gradients of generator and encoder and then those of the discriminators on the very same
/// images, all of them at the weights before the step. So they are one update of one loss, each of whose terms reaches the networks that it trains:
/// those of the generator take discriminators as constants, those of the discriminators take images as constants, and latent regression and the contrastive
/// term take the encoder as constant, for it could hide the latent in its images.
/// </summary>
internal sealed class PairedUpdate(
    TrainingConfig config,
    Networks networks,
    ShardBatch batch,
    DiversityTerms terms,
    ContrastiveLoss? contrastive) : GanUpdate
{
    private const string DiscriminatorLoss = "loss_d";
    private readonly Judgement _judgement = new(networks, new AdversarialLoss(config.Adversarial));

    public override string LossName => "loss_g";

    public override IReadOnlyList<FlatTensors> Trained => networks.State;

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => ShardSums.Length;

    public override IReadOnlyList<string> SliceTermNames => contrastive is null ? [] : ["loss_contra"];

    public override bool Includes(ShardGrid grid, int shard) => batch.HoldsQueries(shard) || batch.ContrastBlocks(shard) > 0;

    public override int RowsLength(int shard) => batch.ContrastBlocks(shard) * batch.Samples * FeatureLength;

    private bool ComparesMeans => terms.Contrasts && config.Paired!.Encoder == PairedEncoder.Vae;

    private int FeatureLength => ComparesMeans ? config.Model.LatentDim : networks.Generator.FeatureLength;

    public override ShardOutput Forward(int shard)
    {
        using var scope = NewDisposeScope();
        var sums = new ShardSums();
        var images = batch.Generate(shard, sums);
        if (batch.HoldsQueries(shard))
        {
            AddPerSample(shard, images, sums);
        }

        // Mean of the encoder, which learns nothing of it.
        var found = terms.RegressesLatents || ComparesMeans
            ? networks.Encoder!.Forward(networks.EncoderParameters!.Constants, images.Random).Mean
            : null;
        if (terms.RegressesLatents)
        {
            sums.Add(Quantity.LatentDistance, ReconstructionLoss.Sum(found!, images.Codes), images.Codes.NumberOfElements);
        }

        var rows = contrastive is null ? null : Features(images, batch.ContrastBlocks(shard), found);
        return new ShardOutput(sums.IsEmpty ? null : sums.ToVector().MoveToOuterDisposeScope(), rows?.MoveToOuterDisposeScope(), []);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics)
    {
        List<LossTerm> losses =
        [
            new("loss_adv", 1, Sum(Quantity.EncodedCost, Quantity.RandomCost)),
            new("loss_l1", config.Paired!.LambdaL1, ShardSums.MeanOf(statistics, Quantity.TargetDistance)),
            new(DiscriminatorLoss, 1, Layers.Add(Sum(Quantity.Real, Quantity.OtherReal), Sum(Quantity.Fake, Quantity.RandomFake))) { Loss = DiscriminatorLoss },
        ];
        if (networks.Encoder is not null)
        {
            losses.Add(new("loss_kl", config.Paired!.LambdaKl, ShardSums.SumOf(statistics, Quantity.Divergence)));
        }

        if (terms.SeeksModes)
        {
            losses.Add(new("loss_ms", config.LambdaMs, ModeSeekingLoss.Of(ShardSums.Pair(statistics, Quantity.ImageDifference))));
        }

        if (terms.RegressesLatents)
        {
            losses.Add(new("loss_latent", config.LambdaZ, ShardSums.MeanOf(statistics, Quantity.LatentDistance)));
        }

        return losses;

        Tensor Sum(Quantity first, Quantity ofSecondDiscriminator) => networks.RandomDiscriminator is null
            ? ShardSums.MeanOf(statistics, first)
            : Layers.Add(ShardSums.MeanOf(statistics, first), ShardSums.MeanOf(statistics, ofSecondDiscriminator));
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

    private static Tensor Queries(Tensor statistics) => statistics[(2 * (int)Quantity.Real) + 1];

    private void AddPerSample(int shard, ShardImages images, ShardSums sums)
    {
        var (query, second) = (images.First(images.Random), images.Second(images.Random));
        var judged = terms.HasSecondCode ? cat([query, second], 0) : query;
        sums.Add(Quantity.TargetDistance, ReconstructionLoss.Sum(images.Encoded ?? query, images.Targets), images.Targets.NumberOfElements);
        if (images.Encoded is null)
        {
            _judgement.AddOfOne(images, judged, sums);
        }
        else
        {
            _judgement.AddOfTwo(images, judged, batch.OtherTargets(shard), sums);
        }

        if (terms.SeeksModes)
        {
            var (code, secondCode) = (images.First(images.Codes), images.Second(images.Codes));
            sums.Add(Quantity.ImageDifference, ReconstructionLoss.Sum(query, second), query.NumberOfElements);
            sums.Add(Quantity.LatentDifference, ReconstructionLoss.Sum(code, secondCode), code.NumberOfElements);
        }
    }

    private Tensor Features(ShardImages images, int blocks, Tensor? found)
    {
        var features = ComparesMeans
            ? found!.narrow(0, 0, blocks * batch.Samples)
            : networks.Generator.Features(networks.GeneratorParameters.Constants, images.Blocks(blocks));
        return config.FeatureNorm ? FeatureNormalization.Apply(features) : features;
    }
}
