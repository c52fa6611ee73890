using DivCo.Training.Tasks.ClassConditional;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

/// <summary>
/// In float64 the gradients that shards backpropagate add up to that of the whole to the last digits: they are summed, never averaged, and
/// negatives in shards lose nothing. Neither seed nor norm matters here, as they do in float32: there norms over few values, and mode seeking of images
/// that hardly differ yet, make much of a rounding, and an activation near zero may fall on the other side of its ReLU.
/// </summary>
public sealed class ExactSumTests
{
    private const int Step = 2;

    [Theory]
    [InlineData(1, 1, Reduction.Mean)]
    [InlineData(4, 1, Reduction.Mean)]
    [InlineData(8, 1, Reduction.Sum)]
    [InlineData(1, 2, Reduction.Mean)]
    [InlineData(1, 5, Reduction.Mean)]
    [InlineData(2, 5, Reduction.Sum)]
    public void Gradients_of_shards_add_up_to_that_of_the_whole(int data, int negatives, Reduction reduction)
    {
        var config = TestTrials.Config(data, negatives, Norm.None) with { ContrastiveReduction = reduction };
        Check(config, config with { DataShards = 1, NegativeShards = 1 }, 1e-12);
    }

    [Theory]
    [MemberData(nameof(GradientTests.Grids), MemberType = typeof(GradientTests))]
    public void So_they_do_with_every_norm_and_every_term_whatever_the_seed(int data, int negatives, Norm norm, string terms)
    {
        foreach (var seed in Enumerable.Range(1, 3))
        {
            var config = TestTrials.Config(data, negatives, norm).With(Terms.Named(terms)) with { Seed = (ulong)seed };
            Check(config, config, 1e-9);
        }
    }

    private static void Check(TrainingConfig config, TrainingConfig whole, double bound)
    {
        using var scope = NewDisposeScope();
        using var task = new ClassConditionalTask(config, TestTrials.Modes, float64);
        task.Begin(Step);
        var reference = new ReferenceGan(whole, TestTrials.Modes, task, Step, float64);
        foreach (var (update, loss) in task.Updates.Zip([reference.DiscriminatorLoss(), reference.GeneratorLoss()]))
        {
            var expected = ExactGradient.OfWhole(loss, update.Trained, reference.Parameters);
            var distance = ExactGradient.Distance(expected, ExactGradient.OfShards(task, update));
            Assert.True(distance < bound, $"{update.LossName}, seed {config.Seed}: {distance:E1}");
        }
    }
}
