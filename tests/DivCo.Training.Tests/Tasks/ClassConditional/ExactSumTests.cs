using DivCo.Training.Objectives;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using DivCo.Training.Tasks.ClassConditional;
using static TorchSharp.torch;
using Generator = DivCo.Training.Tasks.ClassConditional.Generator;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

/// <summary>
/// In float64 the gradients that shards backpropagate add up to that of the whole to the last digits: they are summed, never averaged, and
/// negatives in shards lose nothing.
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
        using var scope = NewDisposeScope();
        var config = TestTrials.Config(data, negatives, Norm.None) with { ContrastiveReduction = reduction };
        using var task = TaskCatalog.Create(config, TestTrials.Modes);
        var whole = new ReferenceGan(config with { DataShards = 1, NegativeShards = 1 }, TestTrials.Modes, task, Step, float64);
        string[] names = [.. task.Updates[1].Trained[0].Layout.Tensors.Select(tensor => tensor.Name)];
        Tensor[] parameters = [.. names.Select(name => whole.Parameters[name])];
        var expected = Flat(autograd.grad([whole.GeneratorLoss()], parameters));

        var actual = Sharded(config, task, whole.Parameters, parameters);
        Assert.InRange(actual.Zip(expected, (x, y) => (x - y) * (x - y)).Sum() / expected.Sum(y => y * y), 0, 1e-24);
    }

    /// <summary>The generator's update shard by shard, by the product's networks and loss terms, with gradients in float64.</summary>
    private static double[] Sharded(TrainingConfig config, GanTask task, Dictionary<string, Tensor> tensors, Tensor[] parameters)
    {
        var (grid, update) = (task.Grid, task.Updates[1]);
        var samples = config.BatchSize / grid.Data;
        var shards = Enumerable.Range(0, grid.Count).Select(shard => Output(config, task, tensors, shard, samples)).ToArray();

        var statistics = stack([.. shards.Select(shard => shard.Statistics).OfType<Tensor>()]).sum(dim: 0);
        var global = LossGradient.Of(statistics, update.GlobalTerms).Gradient!;
        var sum = new double[parameters.Sum(parameter => (int)parameter.NumberOfElements)];
        for (var shard = 0; shard < shards.Length; shard++)
        {
            var slice = Enumerable.Range(grid.Slice(grid.SliceOf(shard)).Start, grid.Negatives).ToArray();
            var rows = cat([.. slice.Select(other => shards[other].Rows)]);
            var first = slice.TakeWhile(other => other < shard).Sum(other => shards[other].Rows.shape[0]);
            var ofRows = LossGradient.Of(rows, leaf => update.SliceTerms(statistics.detach(), leaf)).Gradient!;
            List<Tensor> outputs = [shards[shard].Rows], gradients = [ofRows.narrow(0, first, shards[shard].Rows.shape[0])];
            if (shards[shard].Statistics is { } own)
            {
                outputs.Add(own);
                gradients.Add(global);
            }

            var part = Flat(autograd.grad(outputs, parameters, gradients, retain_graph: true));
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += part[i];
            }
        }

        return sum;
    }

    private static (Tensor? Statistics, Tensor Rows) Output(TrainingConfig config, GanTask task, Dictionary<string, Tensor> tensors, int shard, int samples)
    {
        var generator = new Generator(config.Model, TestTrials.Modes.Classes);
        var discriminator = new Discriminator(config.Model, TestTrials.Modes.Classes, config.EncoderHead);
        var latents = new ShardLatents(config, DiversityTerms.Of(config), task.Grid);
        var blocks = latents.Blocks(shard);
        var values = new float[blocks * samples * config.Model.LatentDim];
        latents.Fill(Step, shard, values);

        var batch = new ShardedSampler(config.Seed, TestTrials.Modes.Count, config.BatchSize).Batch(Step);
        var labels = zeros([blocks * samples, TestTrials.Modes.Classes], float64);
        for (var row = 0; row < blocks * samples; row++)
        {
            var sample = batch[(task.Grid.SliceOf(shard) * samples) + (row % samples)];
            TensorMemory.Doubles(labels)[(row * TestTrials.Modes.Classes) + TestTrials.Modes.Label(sample)] = 1;
        }

        var images = generator.Forward(
            tensors, generator.InTraining(null), TensorMemory.Float32(values, blocks * samples, config.Model.LatentDim).to(float64), labels);
        var trunk = discriminator.Trunk(tensors, discriminator.InTraining(null), images, labels);
        var features = FeatureNormalization.Apply(discriminator.Features(tensors, trunk));
        if (task.Grid.NegativeOf(shard) != 0)
        {
            return (null, features);
        }

        var logits = discriminator.Logits(tensors, trunk.narrow(0, 0, samples));
        return (stack([new AdversarialLoss(config.Adversarial).Generator(logits), TensorMemory.Float64([samples])[0]]), features);
    }

    private static double[] Flat(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(tensor => tensor.contiguous().data<double>().ToArray())];
}
