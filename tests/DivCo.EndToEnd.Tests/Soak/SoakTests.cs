using System.Diagnostics;
using DivCo.EndToEnd.Tests.Processes;
using DivCo.EndToEnd.Tests.Scenarios;

namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>
/// The whole table of failures, as <c>tests/run --soak</c> makes it: stories of three processes each, until there are as many events of a kind as
/// wanted. What was made before is kept, and the next story begins after it.
/// </summary>
public sealed class SoakTests
{
    private const string Id = "soak";
    private const int Processes = 3;

    /// <summary>In one story: <c>divco run</c> gives a server up that dies five times in a minute.</summary>
    private const int MaxKills = 4;

    private static readonly TimeSpan _longerThanALease = TimeSpan.FromSeconds(12);

    /// <summary>No story begins after so many minutes; the next call goes on.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(
        int.TryParse(Environment.GetEnvironmentVariable("DIVCO_SOAK_MINUTES"), out var minutes) ? minutes : 600);

    [Fact(Explicit = true)]
    public Task Kills() => Repeat("kill -9", 20, async (scenario, number, left) =>
    {
        var run = new LocalRun(scenario, SoakStory.Undisturbed.Spec, Id, Processes);
        var story = Begin("kill -9", number, scenario, run);
        while (story.Count < Math.Min(left, MaxKills) && await story.Victim(servers => Living(run, servers[story.Draw.Next(servers.Count)])) is { } victim)
        {
            await story.Disturb(victim, () => Signals.Send(run.ProcessOf(victim)!.Value, Signal.Kill));
        }

        await story.End(Hashes.Of(await run.End()));
    });

    [Fact(Explicit = true)]
    public Task Coordinators() => Repeat("kill -9 of the coordinator's process", 5, async (scenario, number, left) =>
    {
        var run = new LocalRun(scenario, SoakStory.Undisturbed.Spec, Id, Processes);
        var story = Begin("kill -9 of the coordinator's process", number, scenario, run);
        while (story.Count < Math.Min(left, MaxKills)
            && await story.Victim(servers => run.Whereabouts.Coordinator is { } it && servers.Contains(it) ? Living(run, it) : null) is { } victim)
        {
            await story.Disturb(victim, () => Signals.Send(run.ProcessOf(victim)!.Value, Signal.Kill));
        }

        await story.End(Hashes.Of(await run.End()));
    });

    [Fact(Explicit = true)]
    public Task Pauses() => Repeat("SIGSTOP for 12 s", 5, async (scenario, number, left) =>
    {
        var run = new LocalRun(scenario, SoakStory.Undisturbed.Spec, Id, Processes);
        var story = Begin("SIGSTOP for 12 s", number, scenario, run);
        while (story.Count < left && await story.Victim(servers => Living(run, servers[story.Draw.Next(servers.Count)])) is { } victim)
        {
            var process = run.ProcessOf(victim)!.Value;
            var rest = Task.CompletedTask;
            await story.Disturb(victim, () =>
            {
                Signals.Send(process, Signal.Stop);
                rest = Task.Delay(_longerThanALease);
            });
            await rest;
            Signals.Send(process, Signal.Continue);

            // What it wakes to is over: it ends, and is started again.
            await Deadline.Until($"{victim} to end", () => run.HasEnded || run.ProcessOf(victim) != process, instead: run.ToString);
        }

        await story.End(Hashes.Of(await run.End()));
    });

    [Fact(Explicit = true)]
    public Task Partitions()
    {
        Assert.SkipWhen(Network.Impediment() is not null, Network.Impediment() ?? "");
        return Repeat("partition", 5, async (scenario, number, left) =>
        {
            using var network = new Network();
            foreach (var name in new[] { "north", "south", "west" })
            {
                await scenario.Server(name, node: network.Node(name));
            }

            var sweep = await scenario.Submit(SoakStory.Undisturbed.Spec, "--id", Id);
            var story = new SoakStory("partition", number, new LossReports(scenario.Results, Id), scenario.Whereabouts(Id), () => null);
            while (story.Count < left && await story.Victim(servers => servers[story.Draw.Next(servers.Count)]) is { } victim)
            {
                var server = scenario.Servers.Single(server => server.Name == victim);
                await story.Disturb(victim, server.Node!.Isolate);
                server.Node.Rejoin();

                // One side was declared dead, hears of it, and ends; the story starts it again.
                await Deadline.Until("somebody to end", () => scenario.Servers.Any(server => server.Process.HasExited));
                foreach (var ended in scenario.Servers.Where(server => server.Process.HasExited))
                {
                    await ended.Start();
                }
            }

            await story.End(Hashes.Of(await sweep.Succeeds()));
        });
    }

    private static SoakStory Begin(string kind, int number, Scenario scenario, LocalRun run) =>
        new(kind, number, new LossReports(scenario.Results, Id), run.Whereabouts, () => run.LastWords);

    /// <summary>Null where it is on its way back.</summary>
    private static string? Living(LocalRun run, string server) => run.ProcessOf(server) is null ? null : server;

    private static async Task Repeat(string kind, int wanted, Func<Scenario, int, int, Task> tell)
    {
        await SoakLedger.Undisturbed();
        var started = Stopwatch.GetTimestamp();
        var number = SoakLedger.Read().Where(one => one.Kind == kind).Select(one => one.Story).DefaultIfEmpty(0).Max();
        while (wanted - SoakLedger.Read().Count(one => one.Kind == kind) is > 0 and var left && Stopwatch.GetElapsedTime(started) < _limit)
        {
            await using var scenario = new Scenario();
            await tell(scenario, ++number, left);
        }
    }
}
