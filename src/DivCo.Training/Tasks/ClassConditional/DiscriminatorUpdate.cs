using DivCo.Collectives;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// Trains the discriminator on real images and on generated ones as constants. It belongs to the shards (d, 0), which own the queries.
/// </summary>
internal sealed class DiscriminatorUpdate(Networks networks, AdversarialLoss adversarial, Func<int, ShardTensors> shards) : GanUpdate
{
    private static readonly Scalar One = 1.ToScalar();
    private const int RealSum = 0, RealCount = 1, FakeSum = 2, FakeCount = 3;

    public override string LossName => "loss_d";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.DiscriminatorParameters];

    /// <summary>Of one call on real and one on generated images.</summary>
    public override IReadOnlyList<RunningStatistics> RunningStatistics { get; } = Tasks.RunningStatistics.Of(networks.DiscriminatorStatistics, calls: 2);

    public override int StatisticsLength => 4;

    public override IReadOnlyList<string> SliceTermNames => [];

    public override bool Includes(ShardGrid grid, int shard) => grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 0;

    public override ShardOutput Forward(int shard)
    {
        var tensors = shards(shard);
        var fakes = tensors.Judged(tensors.Images.detach());
        var (realLogits, realStatistics) = Judge(tensors, tensors.Reals, tensors.Labels);
        var (fakeLogits, fakeStatistics) = Judge(tensors, fakes, tensors.LabelsOf(tensors.JudgedBlocks));
        var counts = TensorMemory.Float64([realLogits.shape[0], fakeLogits.shape[0]]);
        return new ShardOutput(
            stack([adversarial.Real(realLogits), counts[0], adversarial.Fake(fakeLogits), counts[1]]),
            Rows: null,
            [.. new[] { realStatistics, fakeStatistics }.OfType<FlatTensors>()]);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
        [new(LossName, 1, (statistics[RealSum] / statistics[RealCount]).add(statistics[FakeSum] / statistics[FakeCount], One))];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];

    private (Tensor Logits, FlatTensors? Statistics) Judge(ShardTensors tensors, Tensor images, Tensor labels)
    {
        var (discriminator, parameters) = (networks.Discriminator, networks.DiscriminatorParameters.Leaves);
        var statistics = tensors.NewBatchStatistics(discriminator.Statistics);
        var trunk = discriminator.Trunk(parameters, discriminator.InTraining(statistics), images, labels);
        return (discriminator.Logits(parameters, trunk), statistics);
    }
}
