using DivCo.Collectives;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>Trains the content discriminator to tell contents of the two domains apart, which are constants here.</summary>
/// <param name="contents">Of a shard's samples, domain A's and B's.</param>
internal sealed class ContentDiscriminatorUpdate(Networks networks, StepInputs inputs, Func<int, (Tensor A, Tensor B)> contents) : GanUpdate
{
    private const int Sum = 0, Samples = 1;
    private static readonly AdversarialLoss _bce = new(AdversarialForm.Bce);

    public override string LossName => "loss_content_d";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.ContentJudge!];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override double LearningRateScale => 1 / 2.5;

    public override double? ClipNorm => 5;

    public override int StatisticsLength => 2;

    public override IReadOnlyList<string> SliceTermNames => [];

    public override bool Includes(ShardGrid grid, int shard) => grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 0;

    public override ShardOutput Forward(int shard)
    {
        var (a, b) = contents(shard);
        var (discriminator, parameters) = (networks.ContentDiscriminator, networks.ContentJudge!.Leaves);
        var sum = MultiScaleLoss.Sum([discriminator.Forward(parameters, a.detach())], _bce.Fake)
            .add(MultiScaleLoss.Sum([discriminator.Forward(parameters, b.detach())], _bce.Real), Layers.One);
        return new ShardOutput(stack([sum, TensorMemory.Float64([inputs.Samples])[0]]), Rows: null, []);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) => [new(LossName, 1, statistics[Sum] / statistics[Samples])];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];
}
