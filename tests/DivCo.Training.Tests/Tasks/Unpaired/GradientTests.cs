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
            var expected = Gradient(total, update.Trained, reference.Parameters);
            Assert.InRange(Distance(expected, Sharded(task, update)), 0, 1e-9);
            Assert.InRange(Distance(expected, [.. sums[i].Gradient.Select(x => (double)x)]), 0, 0.1);
        }
    }

    /// <summary>The sum over shards of what each backpropagates, in float64.</summary>
    private static double[] Sharded(GanTask task, GanUpdate update)
    {
        var shards = Enumerable.Range(0, task.Grid.Count).Where(shard => update.Includes(task.Grid, shard)).ToArray();
        var outputs = shards.ToDictionary(shard => shard, update.Forward);
        var statistics = stack([.. outputs.Values.Select(output => output.Statistics).OfType<Tensor>()]).sum(dim: 0);
        var global = LossGradient.Of(statistics, update.GlobalTerms).Gradient!;
        var sum = new double[update.Trained.Sum(tensors => tensors.Layout.Length)];
        foreach (var shard in shards)
        {
            List<Tensor> given = [], gradients = [];
            if (outputs[shard].Statistics is { } own)
            {
                (given, gradients) = ([own], [global]);
            }

            if (outputs[shard].Rows is { } rows)
            {
                var slice = shards.Where(other => task.Grid.SliceOf(other) == task.Grid.SliceOf(shard)).ToArray();
                Assert.Equal(rows.NumberOfElements, update.RowsLength(shard));
                var whole = LossGradient.Of(cat([.. slice.Select(other => outputs[other].Rows!)]), leaf => update.SliceTerms(statistics.detach(), leaf)).Gradient!;
                given.Add(rows);
                gradients.Add(whole.narrow(0, slice.TakeWhile(other => other < shard).Sum(other => outputs[other].Rows!.shape[0]), rows.shape[0]));
            }

            var offset = 0;
            foreach (var tensors in update.Trained)
            {
                var parts = autograd.grad(given, [.. tensors.Layout.Tensors.Select(tensor => tensors.Leaves[tensor.Name])], gradients, retain_graph: true);
                for (var i = 0; i < parts.Count; i++)
                {
                    var values = TensorMemory.Doubles(parts[i].contiguous());
                    for (var element = 0; element < values.Length; element++)
                    {
                        sum[offset + tensors.Layout.Offsets[i] + element] += values[element];
                    }
                }

                offset += tensors.Layout.Length;
            }
        }

        return sum;
    }

    private static double[] Gradient(Tensor total, IReadOnlyList<FlatTensors> trained, Dictionary<string, Tensor> parameters) =>
    [
        .. trained.SelectMany(tensors =>
        {
            var layout = tensors.Layout;
            var flat = new double[layout.Length];
            var gradients = autograd.grad([total], [.. layout.Tensors.Select(tensor => parameters[tensor.Name])], retain_graph: true);
            for (var i = 0; i < gradients.Count; i++)
            {
                TensorMemory.Doubles(gradients[i].contiguous()).CopyTo(flat.AsSpan(layout.Offsets[i]));
            }

            return flat;
        }),
    ];

    /// <summary>Relative, by norm.</summary>
    private static double Distance(double[] expected, double[] actual) =>
        Math.Sqrt(expected.Zip(actual, (x, y) => (x - y) * (x - y)).Sum() / expected.Sum(x => x * x));

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
