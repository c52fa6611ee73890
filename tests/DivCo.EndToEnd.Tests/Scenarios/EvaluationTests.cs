using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A trial that judges itself, on workers of several processes.</summary>
public sealed class EvaluationTests
{
    [Fact]
    public async Task One_worker_and_three_in_two_processes_give_the_same_figures_and_the_weights_of_a_trial_without_them()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north", devices: 2);
        await scenario.Server("south", devices: 1);
        var plain = await (await scenario.Submit(Specs.Tiny(workers: 1))).Succeeds();
        var alone = await (await scenario.Submit(Judged(workers: 1))).Succeeds();
        var three = await (await scenario.Submit(Judged(workers: 3))).Succeeds();

        Assert.Equal(Hashes.Of(plain).Weights, Hashes.Of(alone).Weights);
        Assert.Equal(Hashes.Of(plain).Weights, Hashes.Of(three).Weights);
        Assert.Empty(Figures(plain));
        Assert.Equal(MetricNames.EvaluatedLower.Count + MetricNames.EvaluatedHigher.Count, Figures(alone).Count);
        Assert.Equal(Figures(alone), Figures(three));
        Assert.Equal(alone.Status.Trials.Single().Id, alone.Status.Best);
        Assert.Single(Directory.GetFiles(Path.Combine(scenario.Data, "feature-nets")));
    }

    private static string Judged(int workers) => Specs.Tiny(workers: workers)
        .Replace("metric: {name: diversity, goal: maximize}", "metric: {name: frechet_distance}")
        .Replace("report_every: 2", "report_every: 2\n    evaluation: {samples: 100, images_per_step: 100}");

    private static SortedDictionary<string, double> Figures(Sweep sweep) => new(
        sweep.Status.Trials.Single().Checkpoint.Metrics.Where(metric => MetricNames.IsEvaluated(metric.Key)).ToDictionary(), StringComparer.Ordinal);
}
