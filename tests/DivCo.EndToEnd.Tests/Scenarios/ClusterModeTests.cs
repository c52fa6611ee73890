using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Roles in processes of their own, records in Redis, TLS and tokens everywhere.</summary>
public sealed class ClusterModeTests
{
    [Fact]
    public async Task A_sweep_through_a_gateway_survives_the_restart_of_every_part_and_comes_to_the_embedded_bits()
    {
        SkipWithoutRedis();
        await using var scenario = new Scenario();
        var redis = await Redis.Start(scenario);
        var tls = await Secure(scenario, "submitter");
        string[] silo = ["--role", "silo", "--storage", "redis", "--redis", redis.Endpoints, "--tls", tls];
        var control = await scenario.Server("control", devices: 0, options: silo);
        var north = await scenario.Server("north", options: silo);
        await scenario.Server("south", options: silo);
        var gate = await scenario.Server("gate", options: ["--role", "gateway", .. silo[2..], "--tokens", Path.Combine(scenario.Folder, "tokens")]);

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

    [Fact]
    public async Task Whoever_has_no_token_no_certificate_or_not_the_role_is_refused_and_logged()
    {
        await using var scenario = new Scenario();
        var tls = await Secure(scenario, "viewer");
        var server = await scenario.Server("north", options: ["--tls", tls, "--tokens", Path.Combine(scenario.Folder, "tokens")]);

        (await scenario.Run("list")).MustSucceed();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        MustBeRefused(await scenario.Run("submit", spec), "asks for submitter");
        Assert.Contains(server.Process.Errors.Lines, line => line.Contains("holder at", StringComparison.Ordinal) && line.Contains("Submit is refused", StringComparison.Ordinal));

        var known = scenario.Identity!;
        scenario.Identity = known with { Token = "" };
        MustBeRefused(await scenario.Run("list"), "bears no token");
        scenario.Identity = known with { Token = "divco_guessed" };
        MustBeRefused(await scenario.Run("list"), "is not known");

        // A silo with certificates of its own authority neither joins nor stays.
        (await scenario.Run("certs", "--to", "foreign")).MustSucceed();
        var stranger = scenario.Start("stranger", Installation.Server,
        [
            "--name", "stranger", "--data", scenario.Data, "--results", scenario.Results, "--tls", Path.Combine(scenario.Folder, "foreign"), "--devices", "cpu:0",
            "--api-port", "0", "--exchange-port", "0", "--silo-port", "0", "--gateway-port", "0", "--admin-port", "0",
        ]);
        await Deadline.Until("the stranger's certificate to be refused", () => server.Process.Errors.Text.Contains("No TLS with", StringComparison.Ordinal), Deadline.Training);
        await stranger.Kill();
    }

    private static void SkipWithoutRedis() =>
        Assert.SkipWhen(Redis.Impediment() is not null && Environment.GetEnvironmentVariable("CI") != "true", Redis.Impediment() ?? "");

    /// <summary>Certificates and a token by the product's own commands.</summary>
    /// <returns>The folder of the certificates.</returns>
    private static async Task<string> Secure(Scenario scenario, string role)
    {
        (await scenario.Run("certs", "--to", "certs")).MustSucceed();
        var token = await scenario.Run("token", "holder", "--role", role, "--file", "tokens");
        token.MustSucceed();
        var folder = Path.Combine(scenario.Folder, "certs");
        scenario.Identity = new Identity(Path.Combine(folder, "ca.crt"), token.Output.Trim());
        return folder;
    }

    private static void MustBeRefused(CommandResult call, string reason)
    {
        call.MustEndWith(1);
        Assert.Contains(reason, call.Errors, StringComparison.Ordinal);
    }

    private static Task<Sweep> Becomes(SweepStory sweep, string what, Func<Trial, bool> wanted) => sweep.Becomes(
        what, it => it.Status.State == State.Succeeded || (it.Status.Trials is [{ } trial] && wanted(trial)), TimeSpan.FromMinutes(2));
}
