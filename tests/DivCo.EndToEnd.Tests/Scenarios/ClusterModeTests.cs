using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Roles in processes of their own, records in Redis, TLS and tokens everywhere.</summary>
public sealed class ClusterModeTests
{
    [Fact]
    public async Task A_sweep_through_a_gateway_survives_the_restart_of_every_part_and_comes_to_the_embedded_bits()
    {
        Redis.MustBeThere();
        await using var scenario = new Scenario();
        var redis = await Redis.Start(scenario);
        var tls = await scenario.Secure("submitter");
        string[] silo = ["--role", "silo", "--storage", "redis", "--redis", redis.Endpoints, "--tls", tls];
        var control = await scenario.Server("control", devices: 0, options: silo);
        var north = await scenario.Server("north", options: silo);
        await scenario.Server("south", options: silo);
        var gate = await scenario.Server("gate", options: ["--role", "gateway", .. silo[2..], "--tokens", scenario.TokenFile()]);

        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "secure");
        await Becomes(sweep, "train on both", trial => trial is { Devices.Count: 2, Step: > 10 });
        await gate.Stop();
        await gate.Start();
        await Becomes(sweep, "be seen through the new gateway", trial => trial.Step > 20);

        await north.Kill();
        await north.Start();
        await Becomes(sweep, "train on both again", trial => trial is { Devices.Count: 2, Epoch: > 1 });

        var coordinator = scenario.Servers.Single(server => server.Name == scenario.Whereabouts("secure").Coordinator);
        await coordinator.Kill();
        await coordinator.Start();
        var before = (await sweep.Look())?.Status.Trials.Single().Step ?? 0;
        await Becomes(sweep, "go on after its coordinator's process", trial => trial.Step > before + 1);

        await redis.Kill();
        await redis.StartAgain();
        Assert.Equal(await Undisturbed.Elastic.Hashes(), Hashes.Of(await sweep.Succeeds()));
        Assert.False(control.HasApi);
    }

    private static Task<Sweep> Becomes(SweepStory sweep, string what, Func<Trial, bool> wanted) => sweep.Becomes(
        what, it => it.Status.State == State.Succeeded || (it.Status.Trials is [{ } trial] && wanted(trial)), TimeSpan.FromMinutes(2));
}
