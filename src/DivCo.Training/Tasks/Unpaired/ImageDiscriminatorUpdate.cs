using DivCo.Collectives;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>Trains the image discriminators, which share nothing, on real images and on generated ones as constants.</summary>
internal sealed class ImageDiscriminatorUpdate(
    Networks networks, StepInputs inputs, AdversarialLoss adversarial, IReadOnlyList<Judgement> judgements) : GanUpdate
{
    public override string LossName => "loss_d";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.Judges];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => judgements.Count + 1;

    public override IReadOnlyList<string> SliceTermNames => [];

    public override bool Includes(ShardGrid grid, int shard) => grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 0;

    public override ShardOutput Forward(int shard) => new(
        stack([.. judgements.Select(judgement => Costs(judgement, shard)), TensorMemory.Float64([inputs.Samples])[0]]), Rows: null, []);

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
        [.. judgements.Select((judgement, i) => new LossTerm(judgement.Name, 1, statistics[i] / statistics[judgements.Count]))];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];

    /// <summary>Generated images of several latents count with their mean.</summary>
    private Tensor Costs(Judgement judgement, int shard)
    {
        var (reals, fakes) = judgement.Images(shard);
        using var latents = (fakes.shape[0] / reals.shape[0]).ToScalar();
        var real = MultiScaleLoss.Sum(judgement.Maps(networks.Judges.Leaves, reals), adversarial.Real);
        var fake = MultiScaleLoss.Sum(judgement.Maps(networks.Judges.Leaves, fakes.detach()), adversarial.Fake);
        return real.add(fake.div(latents), Layers.One);
    }
}
