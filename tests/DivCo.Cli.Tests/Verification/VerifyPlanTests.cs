using DivCo.Cli.Verification;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Tests.Verification;

public sealed class VerifyPlanTests
{
    private static SweepSpec Spec => new()
    {
        Name = "mine",
        Resources = new Resources { Workers = 4, Elastic = new Elastic { Min = 2, Max = 4 } },
        Trial = new TrialSpec { Steps = 100, BatchSize = 8, Shards = new ShardsSpec { Data = 4 }, Dataset = new DatasetSpec { Name = "modes" } },
    };

    [Fact]
    public void Each_count_is_run_then_the_largest_is_killed_and_the_least_resumed_on_the_largest()
    {
        var runs = VerifyPlan.Runs([2, 1, 3], kill: true, processes: 2, steps: 7);
        Assert.Equal(["2", "1", "3", "3-killed", "1-to-3"], runs.Select(run => run.Name));
        Assert.Equal([false, false, false, true, false], runs.Select(run => run.Killed));
        Assert.Equal([false, false, false, false, true], runs.Select(run => run.Resumed));
        Assert.Equal([2, 1, 2, 2, 2], runs.Select(run => run.Last.Processes));
        Assert.Equal([2, 1], runs[2].Last.Devices);
        Assert.Equal(5, runs[3].Last.KilledIn);
        Assert.Equal([4, 7], runs[4].Lives.Select(life => life.StopAfter));
        Assert.Equal("3 workers in 2 processes, one process killed in update 5", $"{runs[3]}");
        Assert.Equal("1 worker in 1 process to step 4, then 3 workers in 2 processes to step 7", $"{runs[4]}");
    }

    [Fact]
    public void What_decides_the_weights_is_left_as_it_is()
    {
        foreach (var run in VerifyPlan.Runs([1, 3], kill: true, processes: 2, steps: 6))
        {
            var planned = VerifyPlan.Spec(Spec, run);
            Assert.Equal(TrialHash.Of(SweepDefaults.Apply(Spec).Trial), TrialHash.Of(SweepDefaults.Apply(planned).Trial));
            Assert.Equal((1, 1, run.Last.Workers), (planned.Limits.MaxTrials, planned.Limits.MaxConcurrent, planned.Resources.Workers));
            Assert.Equal(run.Killed || run.Resumed ? new Elastic { Min = 1, Max = 3 } : null, planned.Resources.Elastic);
            Assert.Empty(SweepSpecRules.Check(planned));
        }
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        Assert.Empty(VerifyPlan.Errors(Spec, [1, 2, 3], kill: true, processes: 2, steps: 3));
        var errors = VerifyPlan.Errors(Spec, [5, 6], kill: true, processes: 1, steps: 2);
        Assert.Equal(4, errors.Count);
        Assert.StartsWith("--workers 5: resources.workers: 5 workers share only 4 shards", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("--workers 6: resources.workers: 6 workers share only 4 shards", errors[1], StringComparison.Ordinal);
        Assert.StartsWith("trial.steps: 2 are too few", errors[2], StringComparison.Ordinal);
        Assert.StartsWith("--kill: needs survivors", errors[3], StringComparison.Ordinal);
        Assert.StartsWith("--kill: needs a run with 2 workers", Assert.Single(VerifyPlan.Errors(Spec, [1], kill: true, processes: 2, steps: 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_counts_those_are_taken_that_have_shards() => Assert.Equal([1, 2, 3], VerifyPlan.UsualCounts(Spec));

    [Fact]
    public void No_run_is_longer_than_the_trial() => Assert.Equal((6, 100), (VerifyPlan.Steps(Spec, 6), VerifyPlan.Steps(Spec, 1000)));

    [Theory]
    [InlineData("aaaa", "")]
    [InlineData("abaa", "b")]
    [InlineData("baaa", "b")]
    [InlineData("abab", "bb")]
    [InlineData("abc", "bc")]
    public void Runs_differ_from_most_of_the_others(string weights, string differing) =>
        Assert.Equal(differing, string.Concat(VerifyVerdict.Differing([.. weights.Select(hash => Run(6, $"{hash}", "s"))]).Select(run => run.WeightsSha256)));

    [Fact]
    public void The_state_and_the_step_count_too()
    {
        Assert.Single(VerifyVerdict.Differing([Run(6, "a", "s"), Run(6, "a", "t")]));
        Assert.Single(VerifyVerdict.Differing([Run(6, "a", "s"), Run(7, "a", "s")]));
    }

    private static VerifiedRun Run(int step, string weights, string state) => new(VerifyPlan.Runs([1], false, 1, 6)[0], step, weights, state, 1);
}
