using System.Diagnostics;
using System.Net;
using DivCo.EndToEnd.Tests.Fuzz;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>SIGTERM to each role in the middle of a run.</summary>
public sealed class RoleShutdownTests
{
    /// <summary>What Kubernetes gives a pod by default.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_gateway_a_silo_without_devices_and_one_with_them_end_in_good_order_and_nothing_is_lost()
    {
        await using var scenario = new Scenario();
        var control = await scenario.Server("control", devices: 0, options: ["--role", "silo"]);
        var north = await scenario.Server("north", options: ["--role", "silo"]);
        await scenario.Server("south", options: ["--role", "silo"]);
        var gate = await scenario.Server("gate", options: ["--role", "gateway"]);
        var sweep = await scenario.Submit(Undisturbed.Elastic.Spec, "--id", "orderly");
        foreach (var server in (Server[])[gate, control, north])
        {
            var before = (await sweep.Becomes("train", it => it.Status.Trials is [{ Devices.Count: > 0, Step: > 5 }])).Status.Trials[0].Step;
            await End(server);
            await server.Start();
            var after = (await sweep.Becomes("go on", it => it.Status.Trials is [{ } trial] && trial.Step > before)).Status.Trials[0];
            TestContext.Current.TestOutputHelper?.WriteLine($"{server.Name}: step {before} before, {after.Step} after, epoch {after.Epoch}");
        }

        Assert.Equal(await Undisturbed.Elastic.Hashes(), Hashes.Of(await sweep.Succeeds()));
    }

    /// <summary>Readiness goes off and stays off while the process lives; then it has ended with 0, whatever a stranger has left half said.</summary>
    private static async Task End(Server server)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        Assert.Equal(HttpStatusCode.OK, await Readiness(http, server));
        using var stranger = new RawGrpc(server.Admin);
        using var halfSaid = await stranger.Open("/grpc.health.v1.Health/Watch", "", [0, 0, 0, 0], new Outcomes());

        // Frames of a connection are read in order: an answer to this one says that the server holds the half-said one too.
        Assert.Equal("grpc 0", await stranger.Send("/grpc.health.v1.Health/Check", "", [0, 0, 0, 0, 0], "10S"));
        var started = Stopwatch.GetTimestamp();
        server.Process.Send(Signal.Terminate);
        List<HttpStatusCode?> seen = [];
        while (!server.Process.HasExited && Stopwatch.GetElapsedTime(started) < _grace)
        {
            seen.Add(await Readiness(http, server));
        }

        Assert.Equal(0, await server.Process.Exit());
        var took = Stopwatch.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{server.Name}: exit 0 after {took.TotalSeconds:0.0} s; readiness: {string.Join(", ", seen.CountBy(status => $"{status?.ToString() ?? "no answer"}").Select(count => $"{count.Value} x {count.Key}"))}");
        Assert.True(took < _grace, $"{took}");

        // The first answers may overtake the signal; once it is off, it stays off.
        Assert.All(seen.SkipWhile(status => status == HttpStatusCode.OK), status => Assert.NotEqual(HttpStatusCode.OK, status));
        Assert.Contains("still open after", server.Process.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("let go of this silo within", server.Process.Errors.Text, StringComparison.Ordinal);
    }

    /// <summary>Null: nobody answers any more.</summary>
    private static async Task<HttpStatusCode?> Readiness(HttpClient http, Server server)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(server.Admin, "health/ready"), TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
