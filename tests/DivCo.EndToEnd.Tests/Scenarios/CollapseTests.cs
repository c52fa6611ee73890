using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Trials that are made to collapse, by a rate of learning that no GAN survives, and one that is well.</summary>
public sealed class CollapseTests
{
    [Fact]
    public async Task A_collapsed_trial_stops_with_the_evidence_and_a_healthy_one_goes_on()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north", devices: 2);
        var well = await scenario.Submit(Spec("stop", rate: 0.002, steps: 250));
        var sweep = await scenario.Submit(Spec("stop", rate: 0.5));
        var collapsed = (await sweep.EndsAs(State.Stopped)).Status.Trials[0];
        var healthy = (await well.Succeeds()).Status.Trials[0];
        Assert.Equal((250, null), (healthy.Step, healthy.Collapse));
        Assert.Equal(150, collapsed.Collapse.Step);
        Assert.Contains($"collapsed at step {collapsed.Collapse.Step}: the discriminator has won", collapsed.Reason, StringComparison.Ordinal);
        Assert.InRange(collapsed.Collapse.Evidence["loss_d"], 0, 0.001);

        var shown = await scenario.Run("get", $"{sweep.Id}/0", "--output", "json");
        Assert.Contains("the discriminator has won", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collapsed_trial_begins_anew_with_another_seed()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north");
        var sweep = await scenario.Submit(Spec("restart", rate: 0.5));
        var before = await sweep.HasCheckpoint(25);
        var anew = await sweep.Becomes("begin anew", it => it.Status.Trials is [{ Restarts: 1, Checkpoint.Step: > 0 }]);
        Assert.InRange(anew.Status.Trials[0].Checkpoint.Step, 25, 175);
        Assert.NotEqual(before.Status.Trials[0].Checkpoint.WeightsSha256, Assert.Single(await sweep.Checkpoints(), checkpoint => checkpoint.Step == anew.Status.Trials[0].Checkpoint.Step).WeightsSha256);
        (await scenario.Run("stop", sweep.Id)).MustSucceed();
        await sweep.EndsAs(State.Stopped);
    }

    private static string Spec(string policy, double rate, int steps = 5000) => $$"""
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: collapse}
        spec:
          seed: 1
          on_collapse: {{policy}}
          resources: {workers: 1}
          trial:
            task: class_conditional
            dataset: {name: modes}
            model: {width: 4, image_size: 32, latent_dim: 16, feature_dim: 16}
            optimizer: {lr: {{rate}}}
            batch_size: 8
            negatives: 4
            lambda_contra: 0
            steps: {{steps}}
            shards: {data: 1}
            checkpoint: {every: 25, keep_last: 2, keep_best: 0}
            report_every: 25
        """;
}
