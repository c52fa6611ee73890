namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>One hash of the state for any number of workers.</summary>
public sealed class ExactnessTests
{
    [Theory]
    [InlineData(2, 2, Objective.DivCo)]
    [InlineData(4, 1, Objective.ModeSeeking)]
    [InlineData(4, 1, Objective.LatentRegression)]
    [InlineData(4, 1, Objective.None)]
    public void The_state_is_bitwise_the_same_for_any_number_of_workers(int data, int negatives, Objective objective) =>
        Check(UnpairedTrials.Config(data, negatives, objective));

    [Fact]
    public void So_it_is_with_all_terms_at_once() => Check(UnpairedTrials.Config(2, 2) with { LambdaMs = 0.3, LambdaZ = 2, ExtraCode = true });

    [Fact]
    public void So_it_is_with_a_cycle() => Check(UnpairedTrials.Cycle(2, 2));

    private static void Check(TrainingConfig config)
    {
        var brief = config with { Steps = 2 };
        var alone = Train(brief, 1);
        Assert.Equal(alone, Train(brief, 3));
        Assert.Equal(alone, Train(brief, 1, ActivationMemory.OneShard));
    }

    private static string Train(TrainingConfig config, int workers, ActivationMemory memory = ActivationMemory.AllShards)
    {
        using var folder = new TrainingFolder { Data = UnpairedTrials.Waves };
        _ = folder.Run(config, workers, memory: memory);
        return folder.StateHash;
    }
}
