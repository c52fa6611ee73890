using System.Diagnostics;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A Redis over TLS, with a user of its access control list, that is away while a trial trains.</summary>
public sealed class RedisAbsenceTests
{
    [Fact]
    public Task Trainings_go_on_decisions_wait_and_nothing_is_lost() => Away(TimeSpan.FromSeconds(8), steps: 300);

    [Fact(Explicit = true)]
    public Task Nor_within_a_minute() => Away(TimeSpan.FromMinutes(1), steps: 2500);

    private static async Task Away(TimeSpan absence, int steps)
    {
        Redis.MustBeThere();
        await using var scenario = new Scenario();
        var tls = await scenario.Secure("submitter");
        var redis = await Redis.Start(
            scenario, "--tls-cert-file", Path.Combine(tls, "api.crt"), "--tls-key-file", Path.Combine(tls, "api.key"), "--tls-ca-cert-file", Path.Combine(tls, "ca.crt"),
            "--tls-auth-clients", "no", "--user", "divco", "on", ">secret", "~*", "&*", "+@all", "--user", "default", "off");
        string[] records =
        [
            "--storage", "redis", "--redis", redis.Endpoints, "--redis-user", "divco", "--redis-password-file", scenario.Write("password", "secret\n"),
            "--redis-ca", Path.Combine(tls, "ca.crt"),
        ];
        var north = await scenario.Server("north", options: ["--tls", tls, "--tokens", scenario.TokenFile(), .. records]);
        var south = await scenario.Server("south", options: ["--role", "silo", "--tls", tls, .. records]);
        var spec = new Undisturbed(Specs.Tiny(steps: steps, every: 50));
        var sweep = await scenario.Submit(spec.Spec, "--id", "away");
        var before = (await sweep.Reaches(step: 10)).Status.Trials[0].Step;

        await redis.Kill();
        var gone = Stopwatch.GetTimestamp();
        var refused = await scenario.Run("submit", scenario.Write("tiny.yaml", Specs.Tiny()), "--id", "waits");
        Assert.NotEqual(0, refused.ExitCode);
        await Deadline.Until("Redis to have been away long enough", () => Stopwatch.GetElapsedTime(gone) >= absence, absence * 2);
        var during = (await sweep.Look())!.Status.Trials[0];
        await redis.StartAgain();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"step {before} when Redis went, {during.Step} (epoch {during.Epoch}) after {Stopwatch.GetElapsedTime(gone).TotalSeconds:0} s without it; a submission meanwhile: {refused.Errors}");
        Assert.True(during.Step > before, $"{during}");

        Assert.Equal(await spec.Hashes(), Hashes.Of(await sweep.Succeeds()));
        (await scenario.Run("submit", scenario.Write("tiny.yaml", Specs.Tiny()), "--id", "waits")).MustSucceed();
        await scenario.Sweep("waits").Succeeds();
        Assert.All((Server[])[north, south], server => Assert.False(server.Process.HasExited, $"{server.Process}"));
    }
}
