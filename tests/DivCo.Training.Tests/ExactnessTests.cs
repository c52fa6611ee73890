namespace DivCo.Training.Tests;

/// <summary>One hash of the state for any number of workers.</summary>
public sealed class ExactnessTests
{
    public static TheoryData<int, int, Norm, string> Grids => new()
    {
        { 8, 1, Norm.Batch, nameof(Terms.DivCo) },
        { 4, 2, Norm.Batch, nameof(Terms.DivCo) },
        { 4, 2, Norm.Instance, nameof(Terms.DivCo) },
        { 2, 5, Norm.None, nameof(Terms.DivCo) },
        { 8, 1, Norm.Batch, nameof(Terms.None) },
        { 8, 1, Norm.Batch, nameof(Terms.ModeSeeking) },
        { 8, 1, Norm.Batch, nameof(Terms.LatentRegression) },
        { 4, 2, Norm.Batch, nameof(Terms.DivCoWithExtraCode) },
        { 4, 2, Norm.Batch, nameof(Terms.DivCoAndModeSeeking) },
        { 2, 5, Norm.Instance, nameof(Terms.All) },
    };

    [Theory]
    [MemberData(nameof(Grids))]
    public void The_state_is_bitwise_the_same_for_any_number_of_workers(int data, int negatives, Norm norm, string terms)
    {
        var config = TestTrials.Config(data, negatives, norm).With(Terms.Named(terms)) with { Steps = 3 };
        var alone = Train(config, 1);
        Assert.All((int[])[2, 3, 5, 8], workers => Assert.Equal(alone, Train(config, workers)));
    }

    [Theory]
    [MemberData(nameof(Grids))]
    public void The_state_is_bitwise_the_same_at_the_memory_of_one_shard(int data, int negatives, Norm norm, string terms)
    {
        var config = TestTrials.Config(data, negatives, norm).With(Terms.Named(terms)) with { Steps = 3 };
        var kept = Train(config, 1);
        Assert.All((int[])[1, 3], workers => Assert.Equal(kept, Train(config, workers, ActivationMemory.OneShard)));
    }

    [Fact]
    public void Repetitions_agree()
    {
        var config = TestTrials.Config(4, 1) with { Steps = 2 };
        var first = Train(config, 2);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(first, Train(config, 1 + (i % 4))));
    }

    [Fact]
    public void Garbage_collection_at_every_moment_changes_nothing()
    {
        var config = TestTrials.Config(2, 1) with { Steps = 200, BatchSize = 4, Negatives = 2, CheckpointEvery = 200 };
        var undisturbed = Train(config, 1);
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            Assert.Equal(undisturbed, Train(config, 2));
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }

    [Fact]
    public void The_seed_decides_the_state()
    {
        var config = TestTrials.Config() with { Steps = 1 };
        Assert.NotEqual(Train(config, 1), Train(config with { Seed = config.Seed + 1 }, 1));
    }

    private static string Train(TrainingConfig config, int workers, ActivationMemory memory = ActivationMemory.AllShards)
    {
        using var folder = new TrainingFolder();
        _ = folder.Run(config, workers, memory: memory);
        return folder.StateHash;
    }
}
