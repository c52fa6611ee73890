using DivCo.Collectives;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// Trains encoders and generator on the first pass: translations must pass for real, contents must not tell their domain, an image must be found
/// again from its own content and attribute and from those of its translations, contents must be small and attributes normal.
/// </summary>
internal sealed class TranslationUpdate(
    TrainingConfig config, Networks networks, StepInputs inputs, AdversarialLoss adversarial, Func<int, AttributePass> passes) : GanUpdate
{
    private const int Adversarial = 0, Content = 1, Self = 2, Cycle = 3, ContentNorm = 4, Kl = 5, Samples = 6;
    private static readonly AdversarialLoss _bce = new(AdversarialForm.Bce);

    public override string LossName => "loss_g";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.Contents, networks.Attributes!, networks.Generator];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => 7;

    public override IReadOnlyList<string> SliceTermNames => [];

    public override bool Includes(ShardGrid grid, int shard) => grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 0;

    public override ShardOutput Forward(int shard)
    {
        var pass = passes(shard);
        var (a, b) = (OfDomain(Domain.A, pass[Domain.A]), OfDomain(Domain.B, pass[Domain.B]));
        return new ShardOutput(cat([a.add(b, Layers.One), TensorMemory.Float64([inputs.Samples])]), Rows: null, []);
    }

    /// <summary>Means over samples, and for the divergence the sum.</summary>
    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
    [
        new("loss_adv", 1, statistics[Adversarial] / statistics[Samples]),
        new("loss_content", 1, statistics[Content] / statistics[Samples]),
        new("loss_self", config.Unpaired!.LambdaL1, statistics[Self] / statistics[Samples]),
        new("loss_cycle", config.Unpaired.LambdaL1, statistics[Cycle] / statistics[Samples]),
        new("loss_content_norm", config.Unpaired.LambdaKl, statistics[ContentNorm] / statistics[Samples]),
        new("loss_kl", config.Unpaired.LambdaKl, statistics[Kl]),
    ];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];

    /// <summary>The six sums over a domain's samples; of distances and squares, the means over a sample's elements.</summary>
    private Tensor OfDomain(Domain domain, DomainImages pass)
    {
        var maps = networks.Discriminators.OnEncoded(domain, networks.Judges.Constants, pass.Translated);
        var content = networks.ContentDiscriminator.Forward(networks.ContentJudge!.Constants, pass.Content);
        using var pixels = (pass.Reals.NumberOfElements / inputs.Samples).ToScalar();
        using var elements = (pass.Content.NumberOfElements / inputs.Samples).ToScalar();
        return stack(
        [
            MultiScaleLoss.Sum(maps, adversarial.Generator),
            MultiScaleLoss.Sum([content], _bce.Undecided),
            ReconstructionLoss.Sum(pass.Rebuilt, pass.Reals).div(pixels),
            ReconstructionLoss.Sum(pass.Cycled, pass.Reals).div(pixels),
            GaussianPrior.SquaredNorm(pass.Content).div(elements),
            GaussianPrior.Divergence(pass.Mean, pass.LogVariance),
        ]);
    }
}
