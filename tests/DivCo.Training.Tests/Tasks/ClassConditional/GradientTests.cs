using System.Runtime.InteropServices;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

/// <summary>The sums over shards against one graph of the whole step.</summary>
public sealed class GradientTests
{
    private const int Step = 3;

    public static TheoryData<int, int, Norm, string> Grids => new()
    {
        { 1, 1, Norm.None, nameof(Terms.DivCo) },
        { 4, 1, Norm.None, nameof(Terms.DivCo) },
        { 8, 1, Norm.None, nameof(Terms.DivCo) },
        { 1, 2, Norm.None, nameof(Terms.DivCo) },
        { 1, 5, Norm.None, nameof(Terms.DivCo) },
        { 2, 5, Norm.None, nameof(Terms.DivCo) },
        { 2, 2, Norm.Instance, nameof(Terms.DivCo) },
        { 1, 1, Norm.Batch, nameof(Terms.DivCo) },
        { 4, 1, Norm.Batch, nameof(Terms.DivCo) },
        { 2, 2, Norm.Batch, nameof(Terms.DivCo) },
        { 2, 2, Norm.Batch, nameof(Terms.None) },
        { 4, 1, Norm.None, nameof(Terms.None) },
        { 1, 1, Norm.None, nameof(Terms.ModeSeeking) },
        { 4, 1, Norm.Batch, nameof(Terms.ModeSeeking) },
        { 4, 1, Norm.None, nameof(Terms.LatentRegression) },
        { 2, 1, Norm.Batch, nameof(Terms.LatentRegression) },
        { 4, 1, Norm.Instance, nameof(Terms.ModeSeekingAndLatentRegression) },
        { 2, 5, Norm.None, nameof(Terms.DivCoWithExtraCode) },
        { 2, 2, Norm.Batch, nameof(Terms.DivCoAndModeSeeking) },
        { 2, 5, Norm.None, nameof(Terms.DivCoAndLatentRegression) },
        { 2, 5, Norm.None, nameof(Terms.All) },
        { 2, 2, Norm.Batch, nameof(Terms.All) },
    };

    [Theory]
    [MemberData(nameof(Grids))]
    public void Gradients_and_losses_are_those_of_the_whole_batch(int data, int negatives, Norm norm, string terms) =>
        Check(TestTrials.Config(data, negatives, norm).With(Terms.Named(terms)), float32);

    [Fact]
    public void Float32_is_enough() => Check(TestTrials.Config(4, 5, Norm.None), float64);

    [Fact]
    public void So_they_are_with_sums_raw_features_and_no_head() => Check(TestTrials.Config(2, 2, Norm.None) with
    {
        ContrastiveReduction = Reduction.Sum,
        FeatureNorm = false,
        EncoderHead = EncoderHead.None,
        Tau = 1,
    }, float32);

    [Theory]
    [InlineData(Norm.None)]
    [InlineData(Norm.Instance)]
    public void The_grid_changes_nothing_but_rounding(Norm norm)
    {
        var whole = Sums(TestTrials.Config(1, 1, norm));
        foreach (var (data, negatives) in ((int, int)[])[(2, 1), (8, 1), (1, 2), (1, 5), (4, 10)])
        {
            var sharded = Sums(TestTrials.Config(data, negatives, norm));
            Assert.All(whole.Zip(sharded), pair => Assert.InRange(Distance(pair.First.Gradient, pair.Second.Gradient), 0, 1e-5));
            Assert.All(whole.Zip(sharded), pair => Assert.All(
                pair.First.Losses, loss => Assert.Equal(loss.Value, pair.Second.Losses[loss.Key], 1e-6)));
        }
    }

    [Theory]
    [InlineData(1, 2, Norm.Instance)]
    [InlineData(1, 5, Norm.None)]
    [InlineData(2, 5, Norm.None)]
    [InlineData(2, 2, Norm.Batch)]
    public void Every_placement_of_a_grid_gives_the_same_bits(int data, int negatives, Norm norm)
    {
        var config = TestTrials.Config(data, negatives, norm);
        var alone = Sums(config);
        foreach (var workers in Enumerable.Range(2, (data * negatives) - 1))
        {
            Assert.All(AllSums(config, workers), rank => SameBits(alone, rank));
        }
    }

    public static TheoryData<int, int, Norm, string> RecomputedGrids => new()
    {
        { 1, 5, Norm.None, nameof(Terms.DivCo) },
        { 4, 1, Norm.None, nameof(Terms.DivCo) },
        { 1, 5, Norm.Instance, nameof(Terms.DivCo) },
        { 2, 2, Norm.Instance, nameof(Terms.DivCo) },
        { 4, 1, Norm.Batch, nameof(Terms.DivCo) },
        { 2, 5, Norm.Batch, nameof(Terms.DivCo) },
        { 2, 2, Norm.Batch, nameof(Terms.None) },
        { 4, 1, Norm.Batch, nameof(Terms.ModeSeeking) },
        { 4, 1, Norm.Batch, nameof(Terms.LatentRegression) },
        { 2, 5, Norm.Instance, nameof(Terms.All) },
    };

    [Theory]
    [MemberData(nameof(RecomputedGrids))]
    public void Shards_computed_again_for_their_backward_give_the_same_bits(int data, int negatives, Norm norm, string terms)
    {
        var config = TestTrials.Config(data, negatives, norm).With(Terms.Named(terms));
        var kept = Sums(config);
        Assert.All(
            (int[])[1, 2, 3, data * negatives], workers => Assert.All(AllSums(config, workers, ActivationMemory.OneShard), rank => SameBits(kept, rank)));
    }

    private static void SameBits(StepSums[] expected, StepSums[] actual)
    {
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.True(MemoryMarshal.AsBytes<float>(one.Gradient).SequenceEqual(MemoryMarshal.AsBytes<float>(other.Gradient)));
            Assert.True(MemoryMarshal.AsBytes<float>(one.NormStatistics).SequenceEqual(MemoryMarshal.AsBytes<float>(other.NormStatistics)));
            Assert.Equal(one.Losses, other.Losses);
        }
    }

    private static void Check(TrainingConfig config, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(config, TestTrials.Modes);
        var sums = Sums(config);
        var reference = new ReferenceGan(config, TestTrials.Modes, task, Step, type);

        var loss = reference.DiscriminatorLoss();
        Compare(loss, [.. task.Updates[0].Trained]);
        Assert.Equal(loss.item<double>(), sums[0].Losses["loss_d"], 1e-5);

        var terms = reference.GeneratorTerms();
        var total = reference.GeneratorLoss();
        Compare(total, [.. task.Updates[1].Trained]);
        Assert.Equal(["loss_g", .. terms.Keys.Order(StringComparer.Ordinal)], sums[1].Losses.Keys.OrderBy(name => name == "loss_g" ? "" : name, StringComparer.Ordinal));
        Assert.Equal(total.item<double>(), sums[1].Losses["loss_g"], 1e-5 * Math.Max(1, total.item<double>()));
        foreach (var (name, (_, value)) in terms)
        {
            Assert.Equal(value.item<double>(), sums[1].Losses[name], 1e-5 * Math.Max(1, value.item<double>()));
        }

        void Compare(Tensor value, FlatTensors[] trained)
        {
            var rest = sums[trained[0] == task.Updates[0].Trained[0] ? 0 : 1].Gradient;
            var names = trained.SelectMany(tensors => tensors.Layout.Tensors, (_, tensor) => tensor.Name).ToArray();
            var gradients = names.Zip(autograd.grad([value], [.. names.Select(name => reference.Parameters[name])])).ToDictionary();
            foreach (var layout in trained.Select(tensors => tensors.Layout))
            {
                var expected = new float[layout.Length];
                for (var i = 0; i < layout.Tensors.Count; i++)
                {
                    TensorMemory.Floats(gradients[layout.Tensors[i].Name].to(float32).contiguous()).CopyTo(expected.AsSpan(layout.Offsets[i]));
                }

                Assert.InRange(Distance(expected, rest[..layout.Length]), 0, 1e-5);
                rest = rest[layout.Length..];
            }
        }
    }

    /// <summary>Relative, by norm.</summary>
    private static double Distance(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (x, y) => ((double)x - y) * ((double)x - y)).Sum() / expected.Sum(x => (double)x * x));

    /// <summary>Both updates of one step from the weights as they start, computed by one rank.</summary>
    private static StepSums[] Sums(TrainingConfig config) => AllSums(config, workers: 1)[0];

    /// <returns>Of each rank.</returns>
    private static StepSums[][] AllSums(TrainingConfig config, int workers, ActivationMemory memory = ActivationMemory.AllShards) =>
        Ranks.Run(workers, communicator =>
        {
            using var task = TaskCatalog.Create(config, TestTrials.Modes);
            task.Begin(Step);
            return task.Updates.Select((update, i) =>
            {
                var sum = new ShardRunner(task, update, communicator, memory).Run(i, stop: false);
                return new StepSums(sum.Gradient.ToArray(), sum.NormStatistics.ToArray(), sum.Losses);
            }).ToArray();
        });

    private sealed record StepSums(float[] Gradient, float[] NormStatistics, IReadOnlyDictionary<string, double> Losses);
}
