using System.Runtime.InteropServices;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using DivCo.Training.Tasks.Unpaired;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>The sums over shards against one graph of the whole step.</summary>
public sealed class GradientTests
{
    private const int Step = 5;

    [Theory]
    [InlineData(1, 1, Objective.DivCo)]
    [InlineData(2, 1, Objective.DivCo)]
    [InlineData(1, 2, Objective.DivCo)]
    [InlineData(4, 4, Objective.DivCo)]
    [InlineData(2, 1, Objective.ModeSeeking)]
    [InlineData(2, 1, Objective.LatentRegression)]
    [InlineData(2, 1, Objective.None)]
    public void Gradients_and_losses_are_those_of_the_whole_batch(int data, int negatives, Objective objective) =>
        Check(UnpairedTrials.Config(data, negatives, objective));

    [Fact]
    public void So_they_are_with_attributes_for_features_and_sums_of_raw_ones()
    {
        var config = UnpairedTrials.Config(2, 2);
        Check(config with
        {
            Unpaired = config.Unpaired! with { Encoder = UnpairedEncoder.Attribute, ContentUpdates = 1 },
            FeatureNorm = false,
            ContrastiveReduction = Reduction.Sum,
        });
    }

    [Fact]
    public void So_they_are_with_all_terms_at_once() => Check(UnpairedTrials.Config(2, 2) with { LambdaMs = 0.3, LambdaZ = 2 });

    [Theory]
    [InlineData(Objective.DivCo)]
    [InlineData(Objective.None)]
    public void So_they_are_with_a_cycle(Objective objective) => Check(UnpairedTrials.Cycle(2, 1, objective));

    [Theory]
    [InlineData(2, 2, Objective.DivCo)]
    [InlineData(2, 1, Objective.ModeSeeking)]
    public void Every_placement_of_a_grid_and_the_memory_of_one_shard_give_the_same_bits(int data, int negatives, Objective objective)
    {
        var config = UnpairedTrials.Config(data, negatives, objective);
        var kept = AllSums(config, 1)[0];
        foreach (var (workers, memory) in new[] { (data * negatives, ActivationMemory.AllShards), (1, ActivationMemory.OneShard), (2, ActivationMemory.OneShard) })
        {
            Assert.All(AllSums(config, workers, memory), rank => Assert.All(kept.Zip(rank), pair =>
            {
                Assert.True(MemoryMarshal.AsBytes<float>(pair.First.Gradient).SequenceEqual(MemoryMarshal.AsBytes<float>(pair.Second.Gradient)));
                Assert.Equal(pair.First.Losses, pair.Second.Losses);
            }));
        }
    }

    /// <summary>
    /// Losses as the product computes them, in float32, and gradients in float64: in float32 an activation near zero may fall on the other side
    /// of a ReLU, and instance norms on small maps make much of it.
    /// </summary>
    private static void Check(TrainingConfig config)
    {
        using var scope = NewDisposeScope();
        using var task = new UnpairedTask(config, UnpairedTrials.Waves, float64);
        task.Begin(Step);
        var sums = AllSums(config, 1)[0];
        var reference = new ReferenceDrit(config, UnpairedTrials.Waves, task, Step, float64);
        foreach (var (i, losses) in reference.Losses().Index())
        {
            var update = task.Updates[i];
            Assert.Equal(losses.Keys.Append(update.LossName).Distinct().Order(), sums[i].Losses.Keys.Order());
            Assert.All(losses, loss => Assert.Equal(loss.Value.item<double>(), sums[i].Losses[loss.Key], 1e-5 * Math.Max(1, Math.Abs(loss.Value.item<double>()))));
            var total = losses.Select(loss => loss.Value * TensorMemory.Float64([reference.Weight(loss.Key)])[0]).Aggregate(ReferenceNetworks.Sum);
            Assert.Equal(total.item<double>(), sums[i].Losses[update.LossName], 1e-5 * Math.Max(1, Math.Abs(total.item<double>())));
            var expected = ExactGradient.OfWhole(total, update.Trained, reference.Parameters);
            Assert.InRange(ExactGradient.Distance(expected, ExactGradient.OfShards(task, update)), 0, 1e-9);
            Assert.InRange(ExactGradient.Distance(expected, [.. sums[i].Gradient.Select(x => (double)x)]), 0, 0.1);
        }
    }

    /// <summary>All updates of one step from the weights as they start.</summary>
    /// <returns>Of each rank.</returns>
    private static StepSums[][] AllSums(TrainingConfig config, int workers, ActivationMemory memory = ActivationMemory.AllShards) =>
        Ranks.Run(workers, communicator =>
        {
            using var task = TaskCatalog.Create(config, UnpairedTrials.Waves);
            task.Begin(Step);
            return task.Updates.Select((update, i) =>
            {
                var sum = new ShardRunner(task, update, communicator, memory).Run(i, stop: false);
                return new StepSums(sum.Gradient.ToArray(), sum.Losses);
            }).ToArray();
        });

    private sealed record StepSums(float[] Gradient, IReadOnlyDictionary<string, double> Losses);
}
