using DivCo.Collectives;
using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// Trains the four image discriminators, which share nothing, on real images and on those of the first pass as constants. Random latents are
/// judged against real images of their own.
/// </summary>
internal sealed class ImageDiscriminatorUpdate(
    Networks networks, StepInputs inputs, AdversarialLoss adversarial, Func<int, FirstPass> passes, Func<int> batch) : GanUpdate
{
    private const int EncodedA = 0, EncodedB = 1, RandomA = 2, RandomB = 3, Samples = 4;

    public override string LossName => "loss_d";

    public override IReadOnlyList<FlatTensors> Trained { get; } = [networks.Judges];

    public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

    public override int StatisticsLength => 5;

    public override IReadOnlyList<string> SliceTermNames => [];

    public override bool Includes(ShardGrid grid, int shard) => grid.NegativeOf(shard) == 0;

    public override int RowsLength(int shard) => 0;

    public override ShardOutput Forward(int shard)
    {
        var (pass, slice) = (passes(shard), inputs.SliceOf(shard));
        Domain[] domains = [Domain.A, Domain.B];
        var encoded = domains.Select(domain => Costs(networks.Discriminators.OnEncoded, domain, pass[domain].Reals, pass[domain].Translated));
        var random = domains.Select(domain => Costs(networks.Discriminators.OnRandom, domain, inputs.OtherImages(domain, batch(), slice), pass[domain].Random));
        return new ShardOutput(stack([.. encoded, .. random, TensorMemory.Float64([inputs.Samples])[0]]), Rows: null, []);
    }

    public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) =>
    [
        new("loss_d_a", 1, statistics[EncodedA] / statistics[Samples]),
        new("loss_d_b", 1, statistics[EncodedB] / statistics[Samples]),
        new("loss_d_a2", 1, statistics[RandomA] / statistics[Samples]),
        new("loss_d_b2", 1, statistics[RandomB] / statistics[Samples]),
    ];

    public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];

    /// <summary>Generated images of several codes count with their mean.</summary>
    private Tensor Costs(
        Func<Domain, IReadOnlyDictionary<string, Tensor>, Tensor, IReadOnlyList<Tensor>> judge, Domain domain, Tensor reals, Tensor fakes)
    {
        using var codes = (fakes.shape[0] / reals.shape[0]).ToScalar();
        var real = MultiScaleLoss.Sum(judge(domain, networks.Judges.Leaves, reals), adversarial.Real);
        var fake = MultiScaleLoss.Sum(judge(domain, networks.Judges.Leaves, fakes.detach()), adversarial.Fake);
        return real.add(fake.div(codes), Layers.One);
    }
}
