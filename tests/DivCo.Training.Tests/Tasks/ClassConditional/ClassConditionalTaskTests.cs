using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.ClassConditional;

public sealed class ClassConditionalTaskTests
{
    // What recomputation of a shard in a second pass rests on, and the redo of an update after a failure.
    [Fact]
    public void A_shard_gives_the_same_bits_however_often_it_is_computed()
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(TestTrials.Config(2, 2), TestTrials.Modes);
        foreach (var update in task.Updates)
        {
            task.Begin(5);
            var first = Output(update, 2);
            using (no_grad())
            {
                task.Release(2);
                Assert.Equal(first, Output(update, 2));
            }

            task.Release(2);
            _ = Output(update, 0);
            Assert.Equal(first, Output(update, 2));
            task.Begin(6);
            Assert.NotEqual(first, Output(update, 2));
        }
    }

    [Fact]
    public void The_discriminators_update_belongs_to_the_shards_that_own_queries()
    {
        using var task = TaskCatalog.Create(TestTrials.Config(2, 2), TestTrials.Modes);
        Assert.Equal([true, false, true, false], Enumerable.Range(0, 4).Select(shard => task.Updates[0].Includes(task.Grid, shard)));
        Assert.All(Enumerable.Range(0, 4), shard => Assert.True(task.Updates[1].Includes(task.Grid, shard)));
    }

    [Fact]
    public void Evaluation_depends_on_running_statistics_and_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(TestTrials.Config(), TestTrials.Modes);
        var latents = TensorMemory.Float32([.. Enumerable.Range(0, 20).Select(i => MathF.Sin(i))], 2, 10);
        var before = task.State.Select(tensors => tensors.Values.ToArray()).ToArray();
        var image = task.Generate(task.State, 1, latents);
        Assert.Equal([2L, 1, 32, 32], image.shape);
        Assert.False(image.requires_grad);
        Assert.Equal(before, task.State.Select(tensors => tensors.Values.ToArray()));

        var statistics = task.Updates[1].RunningStatistics[0].Tensors;
        statistics.Values[0] += 1;
        Assert.NotEqual(image.data<float>().ToArray(), task.Generate(task.State, 1, latents).data<float>().ToArray());
    }

    private static float[] Output(GanUpdate update, int shard)
    {
        var output = update.Forward(shard);
        return
        [
            .. output.Statistics?.data<double>().ToArray().Select(x => (float)x) ?? [],
            .. output.Rows?.data<float>().ToArray() ?? [],
            .. output.NormStatistics.SelectMany(statistics => statistics.Values.ToArray()),
        ];
    }
}
