using DivCo.Collectives;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests;

/// <summary>
/// Two networks a and b of one weight each, and three updates: of a, of a and b, of b with a scale and a limit. Their loss is linear, so that
/// gradients are known: 2 for a and -3 for b where both are trained.
/// </summary>
internal sealed class OverlappingUpdates : GanTask
{
    public const double Scale = 0.4, Limit = 1;

    public OverlappingUpdates()
    {
        A = new FlatTensors(new TensorLayout([new TensorSpec("a", [1], InitialValue.Constant(0))]));
        B = new FlatTensors(new TensorLayout([new TensorSpec("b", [1], InitialValue.Constant(0))]));
        Updates = [new Linear([A], A, B), new Linear([A, B], A, B), new Linear([B], A, B, Scale, Limit)];
    }

    public FlatTensors A { get; }

    public FlatTensors B { get; }

    public override ShardGrid Grid { get; } = new(1, 1);

    public override IReadOnlyList<GanUpdate> Updates { get; }

    public override IReadOnlyList<FlatTensors> State => [A, B];

    public override int Conditions => 23;

    public override int LatentDim => 1;

    public override void Begin(int step)
    {
    }

    public override void Release(int shard)
    {
    }

    public override Tensor Generate(IReadOnlyList<FlatTensors> state, int condition, Tensor latents) => throw new NotSupportedException();

    public override void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private sealed class Linear(IReadOnlyList<FlatTensors> trained, FlatTensors a, FlatTensors b, double scale = 1, double? limit = null) : GanUpdate
    {
        public override string LossName => "loss";

        public override IReadOnlyList<FlatTensors> Trained => trained;

        public override IReadOnlyList<RunningStatistics> RunningStatistics => [];

        public override double LearningRateScale => scale;

        public override double? ClipNorm => limit;

        public override int StatisticsLength => 1;

        public override IReadOnlyList<string> SliceTermNames => [];

        public override bool Includes(ShardGrid grid, int shard) => true;

        public override int RowsLength(int shard) => 0;

        public override ShardOutput Forward(int shard)
        {
            var sum = zeros(1, float64);
            using var one = TorchSharp.ScalarExtensionMethods.ToScalar(1);
            foreach (var (tensors, name, slope) in new[] { (a, "a", 2.0), (b, "b", -3.0) })
            {
                using var factor = TorchSharp.ScalarExtensionMethods.ToScalar(slope);
                sum = sum.add((trained.Contains(tensors) ? tensors.Leaves : tensors.Constants)[name].to(float64) * factor, one);
            }

            return new ShardOutput(sum, null, []);
        }

        public override IReadOnlyList<LossTerm> GlobalTerms(Tensor statistics) => [new("loss", 1, statistics[0])];

        public override IReadOnlyList<LossTerm> SliceTerms(Tensor statistics, Tensor rows) => [];
    }
}
